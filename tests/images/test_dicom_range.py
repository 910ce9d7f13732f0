"""DICOM without a window, pixel padding, and headers that lack or misspell what pixels need."""

import warnings
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

pydicom = pytest.importorskip("pydicom")
from dicom_written import header_of, write  # noqa: E402 - after the skip
from pydicom import uid  # noqa: E402

from cxrzoo.data import load_sample  # noqa: E402
from cxrzoo.errors import ImageError, SmallRangeWarning  # noqa: E402
from cxrzoo.images import check_images, read_image  # noqa: E402

REAL = np.asarray(Image.open(load_sample().images[7])).astype(int)
TWELVE = REAL * 16 + np.arange(REAL.size).reshape(REAL.shape) % 16


def dicom(values, *, bits=16, signed=False, without=(), **more):
    header = header_of(np.asarray(values), bits=bits, signed=signed)
    del header.WindowCenter, header.WindowWidth
    stream = BytesIO()
    kind = f"<{'i' if signed else 'u'}{1 if bits == 8 else 2}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom, of values that the standard does not have
        for name, value in more.items():
            setattr(header, name, value)
        for name in without:
            delattr(header, name)
        raw = np.asarray(values).astype(kind).tobytes()
        write(stream, header, raw, uid.ExplicitVRLittleEndian)
    return stream.getvalue()


def read(data):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SmallRangeWarning)
        return read_image(data)[:, :, 0]


def own_range(values, picture=True):
    low, high = (f(values[np.broadcast_to(picture, values.shape)]) for f in (np.min, np.max))
    return np.clip((values - low) * (255 / (high - low)), 0, 255)


def assert_shown(data, exact):
    assert np.abs(read(data) - exact).max() < 0.5 + 1e-6


@pytest.mark.parametrize("kind", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize(
    ("bits", "signed", "first"),
    [(16, True, -2048), (16, True, 0), (16, False, 0), (16, False, 30000), (12, False, 0),
     (14, True, -8000), (14, False, 9000), (16, True, -32768)],
)  # fmt: skip
@pytest.mark.parametrize("rescale", [None, (1, -1024), (0.5, 7), (-1, 4095)])
def test_without_a_window_a_picture_is_shown_by_its_own_range(kind, bits, signed, first, rescale):
    values = TWELVE + first
    more = dict(zip(("RescaleSlope", "RescaleIntercept"), rescale or (), strict=False))
    exact = own_range(values * (rescale[0] if rescale else 1.0))
    exact = 255 - exact if kind == "MONOCHROME1" else exact
    data = dicom(values, bits=bits, signed=signed, PhotometricInterpretation=kind, **more)
    assert_shown(data, exact)


@pytest.mark.parametrize(
    ("signed", "padding", "limit"),
    [
        (True, -2000, None),
        (True, 63536, None),  # -2000 as unsigned
        (True, -32768, None),
        (True, 32767, None),
        (False, 65535, None),
        (False, 0, None),
        (False, 0, 60),
        (False, 60, 0),
        (False, 65000, 65535),
        (True, -2000, -1900),
    ],
)
@pytest.mark.parametrize("rescale", [None, (2, 5)])
def test_padding_does_not_count_for_the_range(signed, padding, limit, rescale):
    values = TWELVE + 100
    padded = -2000 if padding == 63536 else padding
    other = padded if limit is None else limit
    low, high = min(padded, other), max(padded, other)
    picture = np.ones(values.shape, bool)
    picture[:, :20] = picture[-9:] = False
    filling = np.linspace(low, high, values.size).astype(int).reshape(values.shape)
    values = np.where(picture, values, filling)
    more = {} if limit is None else {"PixelPaddingRangeLimit": limit}
    if rescale:
        more |= {"RescaleSlope": rescale[0], "RescaleIntercept": rescale[1]}
    header = {"signed": signed, **more}
    data = (
        dicom(values, **header)
        if padding == 63536
        else dicom(values, PixelPaddingValue=padding, **header)
    )
    if padding == 63536:
        as_words = pydicom.dcmread(BytesIO(data))
        as_words.add_new("PixelPaddingValue", "US", padding)
        stream = BytesIO()
        as_words.save_as(stream)
        data = stream.getvalue()
    assert_shown(data, own_range(values * 1.0, picture))


def test_padding_alone_or_one_value_makes_a_picture_without_contrast():
    for more in ({}, {"PixelPaddingValue": 7}):
        pixels = read(dicom(np.full((80, 90), 7), **more))
        assert pixels.min() == pixels.max() == 0
    assert read(dicom(np.arange(16).reshape(4, 4), PixelPaddingValue=99)).max() == 255


def test_an_empty_window_or_rescale_is_none():
    names = ("WindowCenter", "WindowWidth", "RescaleSlope", "RescaleIntercept", "NumberOfFrames")
    plain = read(dicom(TWELVE))
    for name in (*names, "HighBit", "VOILUTFunction", "PixelPaddingValue"):
        np.testing.assert_array_equal(read(dicom(TWELVE, **{name: None})), plain)
        if name not in ("HighBit", "PixelPaddingValue"):
            np.testing.assert_array_equal(read(dicom(TWELVE, **{name: ""})), plain)


def test_a_small_part_of_the_range_is_warned_of_as_in_a_png(tmp_path):
    small = {
        "no window": dicom(TWELVE, signed=True),
        "a window": dicom(TWELVE, WindowCenter=32768, WindowWidth=65536),
    }
    for words, data in small.items():
        with pytest.warns(SmallRangeWarning):
            read_image(data)
        (tmp_path / "x.dcm").write_bytes(data)
        found = {one.reason: one.detail for one in check_images([tmp_path / "x.dcm"])}
        assert words.split()[-1] in found["small range"]
        assert ("there is no window" in found["small range"]) == (words == "no window")
    for more in ({"bits": 12}, {"WindowCenter": 2048, "WindowWidth": 4096}):
        data = dicom(TWELVE, **more)
        read_image(data)  # a warning would be an error
        (tmp_path / "x.dcm").write_bytes(data)
        assert "small range" not in {one.reason for one in check_images([tmp_path / "x.dcm"])}


@pytest.mark.parametrize(
    "written",
    ["monochrome2", "Monochrome2", " MONOCHROME2", "MONOCHROME2 ", "MONOCHROME2\0", "MONOCHROME 2",
     "\tmonochrome2  ", "monochrome1", "MONOCHROME1  "],
)  # fmt: skip
def test_the_kind_of_grey_is_known_however_it_is_written(written):
    turned = "1" in written
    exact = own_range(TWELVE)
    for more in ({}, {"without": ["SamplesPerPixel"]}):
        data = dicom(TWELVE, PhotometricInterpretation=written, **more)
        assert_shown(data, 255 - exact if turned else exact)


NEEDED = {
    "Rows": "(0028,0010)",
    "Columns": "(0028,0011)",
    "BitsAllocated": "(0028,0100)",
    "BitsStored": "(0028,0101)",
    "PixelRepresentation": "(0028,0103)",
    "PhotometricInterpretation": "(0028,0004)",
}


@pytest.mark.parametrize("name", NEEDED)
def test_an_error_names_the_element_that_is_missing_or_empty(name):
    for data in (dicom(TWELVE, without=[name]), dicom(TWELVE, **{name: None})):
        with pytest.raises(ImageError) as caught:
            read_image(data)
        assert f"{name} {NEEDED[name]}" in str(caught.value)


def test_an_error_names_what_a_lut_or_the_file_meta_information_lacks():
    item = pydicom.Dataset()
    item.add_new("LUTDescriptor", "US", [4, 0, 8])
    item.add_new("LUTData", "OW", bytes(8))
    for name in ("LUTDescriptor", "LUTData"):
        part = pydicom.Dataset()
        part.update({e.tag: e for e in item if e.keyword != name})
        for luts in ("VOILUTSequence", "ModalityLUTSequence"):
            with pytest.raises(ImageError, match=rf"no {name} \(0028,300[26]\)"):
                read_image(dicom(TWELVE, **{luts: [part]}))
    data = dicom(TWELVE)
    place = data.index(b"\x02\x00\x10\x00UI")
    data = data[:place] + b"\x02\x00\x99\x00" + data[place + 4 :]
    with pytest.raises(ImageError, match=r"TransferSyntaxUID \(0002,0010\)"):
        read_image(data)


@pytest.mark.parametrize("name", ["WindowCenter", "WindowWidth", "RescaleSlope", "NumberOfFrames"])
@pytest.mark.parametrize("value", [b"PAT-4711", b"12,5 mm ", b"nan     ", b"inf     "])
def test_an_error_names_the_element_that_is_no_number_and_not_its_value(name, value):
    more = {"WindowCenter": 5, "WindowWidth": 5, "RescaleSlope": 1, "RescaleIntercept": 0}
    data = dicom(TWELVE, **{**more, name: "12345678"})
    data = data.replace(b"12345678", value)
    with pytest.raises(ImageError, match=name) as caught:
        read(data)
    assert value.decode().strip() not in str(caught.value)
