"""What a DICOM file from anywhere may not do: name its patient in a message, or fill the memory."""

import logging
import pickle
import struct
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

pydicom = pytest.importorskip("pydicom")
from dicom_written import SECRETS, header_of, write  # noqa: E402 - after the skip
from pydicom import uid  # noqa: E402

from cxrzoo.errors import ImageError  # noqa: E402
from cxrzoo.images import dicom as dicom_module  # noqa: E402
from cxrzoo.images import quiet, read_image  # noqa: E402


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


SPOILT = {
    "a decimal that is none": {"RescaleSlope": b"PAT-4711", "RescaleIntercept": b"0 "},
    "a decimal that is too long": {"RescaleSlope": b"1.000000000000000004711 "},
    "a whole number that is none": {"NumberOfFrames": b"St. Elsewhere "},
    "a photometric interpretation": {"PhotometricInterpretation": b"Doe^Jane"},
    "a function": {"VOILUTFunction": b"doe^jane pat-4711 "},
    "a character set": {"SpecificCharacterSet": b"Doe^Jane"},
    "a window of words": {"WindowCenter": b"Doe^Jane", "WindowWidth": b"PAT-4711"},
}
"""Raw values of elements, as no library would write them; pydicom warns of most, and quotes them."""


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory, x_ray):
    folder = tmp_path_factory.mktemp("spoilt")
    for name, elements in SPOILT.items():
        path = folder / f"{name}.dcm"
        write(path, header_of(x_ray), x_ray.tobytes(), uid.ImplicitVRLittleEndian)
        data = path.read_bytes()
        for keyword, value in elements.items():
            tag = pydicom.datadict.tag_for_keyword(keyword)
            head = struct.pack("<HH", tag >> 16, tag & 0xFFFF)
            at = data.find(head, 140)
            if at >= 0:  # there already: taken out
                (length,) = struct.unpack_from("<I", data, at + 4)
                data = data[:at] + data[at + 8 + length :]
            before = data.index(b"\x28\x00\x02\x00", 140) if tag >> 16 == 0x28 else 0
            before = before or data.index(b"\x08\x00\x16\x00", 140)
            data = data[:before] + head + struct.pack("<I", len(value)) + value + data[before:]
        path.write_bytes(data)
    return sorted(folder.iterdir())


def test_nothing_of_a_header_reaches_warnings_or_logs(spoilt, caplog, capfd):
    logging.getLogger("pydicom").setLevel(logging.DEBUG)
    told = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with caplog.at_level(logging.DEBUG):
            for path in spoilt:
                try:
                    read_image(path)
                except ImageError as error:
                    told.append(str(error))
            loud = [record.getMessage() for record in caplog.records]
        said = [str(one.message) for one in caught]
    printed = capfd.readouterr()
    for text in (*told, *said, *loud, printed.out, printed.err):
        assert not any(secret.lower() in text.lower() for secret in (*SECRETS, "4711")), text
    assert not [text for text in said if "range" not in text]
    assert len(told) >= 4


def test_pydicom_warns_whoever_reads_with_it_beside_us(spoilt):
    """In this thread before and after, and in another one meanwhile."""

    def warned():
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            str(pydicom.dcmread(next(p for p in spoilt if "set" in p.name)).PatientName)
        return len(caught)

    before = warned()
    assert before
    with quiet.quietly("pydicom"):
        warnings.warn("not shown", UserWarning, stacklevel=1)
        with ThreadPoolExecutor(1) as pool:
            shown = pool.submit(lambda: quiet._HERE.match("") or warnings.filters[0][1])
            assert shown.result() is quiet._HERE
    assert warned() == before
    assert pickle.loads(pickle.dumps(quiet._HERE)) is quiet._HERE  # noqa: S301 - our own bytes


@pytest.mark.parametrize(
    "keyword", ["RescaleSlope", "RescaleIntercept", "WindowCenter", "WindowWidth"]
)
@pytest.mark.parametrize(
    "value", ["NaN", "inf", "-inf", "1e999", "-1e999", "1e300", "-1e30", "1e-300", "9" * 400]
)
def test_numbers_that_no_pixel_could_come_by_are_refused(tmp_path, x_ray, keyword, value):
    header = header_of(x_ray, RescaleSlope=1, RescaleIntercept=0)
    path = write(tmp_path / "x.dcm", header, x_ray.tobytes(), uid.ImplicitVRLittleEndian)
    data = path.read_bytes()
    tag = pydicom.datadict.tag_for_keyword(keyword)
    at = data.index(struct.pack("<HH", tag >> 16, tag & 0xFFFF), 140)
    (length,) = struct.unpack_from("<I", data, at + 4)
    text = value.encode() + b" " * (len(value) % 2)
    path.write_bytes(data[: at + 4] + struct.pack("<I", len(text)) + text + data[at + 8 + length :])
    with pytest.raises(ImageError, match=f"{keyword} .* is not the number it must be") as caught:
        read_image(path)
    assert value[:3] not in str(caught.value).split(": ", 1)[1]


def test_an_intercept_in_which_values_would_run_together_is_refused(tmp_path, x_ray):
    for slope, intercept, good in (
        ("1e-3", "1e12", False),
        ("1", "-1024", True),
        ("2.5e-5", 0, True),
    ):
        header = header_of(x_ray, RescaleSlope=slope, RescaleIntercept=intercept)
        del header.WindowCenter, header.WindowWidth
        path = write(tmp_path / "x.dcm", header, x_ray.tobytes(), uid.ImplicitVRLittleEndian)
        if good:
            assert len(np.unique(read_image(path))) > 100
        else:
            with pytest.raises(ImageError, match="values run together"):
                read_image(path)
