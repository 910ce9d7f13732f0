"""What a DICOM file from anywhere may not do: name its patient in a message, or fill the memory."""

import struct
import warnings
import zlib

import numpy as np
import pytest

pydicom = pytest.importorskip("pydicom")
from dicom_written import SECRETS, header_of, write  # noqa: E402 - after the skip
from pydicom import uid  # noqa: E402

from cxrzoo.errors import ImageError  # noqa: E402
from cxrzoo.images import dicom as dicom_module  # noqa: E402
from cxrzoo.images import read_image  # noqa: E402


def test_no_message_tells_who_the_patient_is(tmp_path, x_ray):
    spoilt = [
        {"NumberOfFrames": 7},
        {"PhotometricInterpretation": "Doe^Jane"},
        {"VOILUTFunction": "PAT-4711"},
        {"BitsAllocated": 32},
    ]
    whole = write(tmp_path / "x.dcm", header_of(x_ray), x_ray.tobytes(), uid.ImplicitVRLittleEndian)
    contents = [whole.read_bytes()[:cut] for cut in (200, 400, 700, 5000)]
    for more in spoilt:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pydicom, of what is being spoilt
            header = header_of(x_ray, **more)
            path = write(tmp_path / "y.dcm", header, x_ray.tobytes(), uid.ImplicitVRLittleEndian)
        contents.append(path.read_bytes())
    header = header_of(x_ray, RescaleSlope="1234.567", RescaleIntercept=0)
    write(path, header, x_ray.tobytes(), uid.ImplicitVRLittleEndian)
    contents.append(path.read_bytes().replace(b"1234.567", b"PAT-4711"))  # float() quotes it
    for content in contents:
        path.write_bytes(content)
        with warnings.catch_warnings(), pytest.raises(ImageError) as caught:
            warnings.simplefilter("ignore")
            read_image(path)
        assert not any(secret in str(caught.value) for secret in SECRETS)
        assert caught.value.__cause__ is None  # nor does a traceback


def test_elements_that_are_not_needed_are_never_taken_from_a_file(tmp_path, x_ray, monkeypatch):
    path = write(tmp_path / "x.dcm", header_of(x_ray), x_ray.tobytes(), uid.ImplicitVRLittleEndian)
    seen = []
    monkeypatch.setattr(
        dicom_module, "_check_image", lambda header: seen.append({e.keyword for e in header})
    )
    read_image(path)
    assert seen[0] & {"Rows", "PixelData"}
    assert not {k for k in seen[0] if k.startswith(("Patient", "Institution", "SOP"))}


def test_a_deflated_bomb_is_refused_before_it_is_inflated_whole(tmp_path):
    values = np.zeros((4, 4), np.uint16)
    header = header_of(values)
    path = write(tmp_path / "x.dcm", header, b"", uid.DeflatedExplicitVRLittleEndian)
    data = path.read_bytes()
    (length,) = struct.unpack_from("<I", data, 140)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    zeros = bytes(2**24)
    bomb = b"".join([packer.compress(zeros) for _ in range(14)]) + packer.flush()
    path.write_bytes(data[: 144 + length] + bomb)
    assert path.stat().st_size < 300_000
    with pytest.raises(ImageError, match="larger than any image"):
        read_image(path)
    path.write_bytes(data[: 144 + length] + b"not deflated")
    with pytest.raises(ImageError, match=r"damaged|header"):
        read_image(path)
