"""Files that the tests write, against the standard's formulas computed value by value."""

from contextlib import suppress
from fractions import Fraction
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pydicom = pytest.importorskip("pydicom")
from pydicom.dataset import Dataset, FileMetaDataset  # noqa: E402 - after the skip
from pydicom.sequence import Sequence  # noqa: E402
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian  # noqa: E402

from cxrzoo.errors import ImageError  # noqa: E402
from cxrzoo.images.dicom import dicom_grey, dicom_header, is_dicom  # noqa: E402


def lut(first, entries, bits):
    item = Dataset()
    item.LUTDescriptor = [len(entries) % 65536, first, bits]
    item.add_new("LUTData", "OW", np.asarray(entries, "<u2").tobytes())
    return Sequence([item])


def dicom(values, *, bits=12, signed=False, kind="MONOCHROME2", high_bit=None, raw=None, **more):
    """A DICOM file of these stored values, as bytes."""
    values = np.atleast_2d(values)
    header = Dataset()
    header.SOPClassUID = "1.2.840.10008.5.1.4.1.1.1"
    header.SOPInstanceUID = "1.2.3"
    header.Rows, header.Columns = values.shape
    header.SamplesPerPixel = 1
    header.PhotometricInterpretation = kind
    header.BitsAllocated = 8 if bits <= 8 else 16
    header.BitsStored = bits
    header.HighBit = bits - 1 if high_bit is None else high_bit
    header.PixelRepresentation = int(signed)
    whole = f"<{'i' if signed else 'u'}{header.BitsAllocated // 8}"
    header.PixelData = (values.astype(whole) if raw is None else raw).tobytes()
    header.PixelData += b"\0" * (len(header.PixelData) % 2)
    header["PixelData"].VR = "OW"
    for name, value in more.items():
        setattr(header, name, value)
    header.file_meta = FileMetaDataset()
    # Whether a LUT's first value is signed can only be written where its kind stands beside it.
    luts = {"ModalityLUTSequence", "VOILUTSequence"} & set(more)
    header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian if luts else ImplicitVRLittleEndian
    stream = BytesIO()
    pydicom.dcmwrite(stream, header, enforce_file_format=True)
    return stream.getvalue()


def read(values, **more):
    return dicom_grey(dicom_header(dicom(values, **more)))[0]


def rounded(value):
    """To the nearest whole number, a half to the even one, clipped to 0 to 255."""
    return min(255, max(0, round(value)))


def windowed(x, center, width, function="LINEAR"):
    """PS3.3 C.11.2.1.2.1 and C.11.2.1.3.2 with an output of 0 to 255, as they are printed."""
    x, c, w = Fraction(x), Fraction(center), Fraction(width)
    if function == "LINEAR_EXACT":
        if x <= c - w / 2:
            return Fraction(0)
        return Fraction(255) if x > c + w / 2 else ((x - c) / w + Fraction(1, 2)) * 255
    if x <= c - Fraction(1, 2) - (w - 1) / 2:
        return Fraction(0)
    if x > c - Fraction(1, 2) + (w - 1) / 2:
        return Fraction(255)
    return ((x - (c - Fraction(1, 2))) / (w - 1) + Fraction(1, 2)) * 255


@st.composite
def stored(draw):
    bits = draw(st.integers(2, 16))
    signed = draw(st.booleans())
    low = -(2 ** (bits - 1)) if signed else 0
    values = draw(st.lists(st.integers(low, low + 2**bits - 1), min_size=1, max_size=24))
    return bits, signed, low, values


kinds = st.sampled_from(["MONOCHROME1", "MONOCHROME2"])


def turned(value, kind):
    return 255 - value if kind == "MONOCHROME1" else value


def assert_close(pixels, exact):
    # An exact half may fall to either side of a float's last bit.
    for pixel, value in zip(pixels.ravel(), exact, strict=True):
        assert abs(int(pixel) - min(max(value, 0), 255)) <= Fraction(1, 2) + Fraction(1, 10**9)


@given(stored(), kinds)
def test_without_a_window_the_range_of_the_images_own_values_is_shown(case, kind):
    bits, signed, low, values = case
    pixels = read(values, bits=bits, signed=signed, kind=kind)
    bottom, span = min(values), max(values) - min(values)
    if not span:  # one value keeps its place in the range of the stored bits
        bottom, span = low, 2**bits - 1
    assert_close(pixels, [turned(Fraction((v - bottom) * 255, span), kind) for v in values])


@given(
    stored(),
    kinds,
    st.integers(-3000, 70000),
    st.integers(1, 70000),
    st.sampled_from([None, "LINEAR", "LINEAR_EXACT"]),
    st.sampled_from([(1, 0), (2, -1024), (Fraction(1, 2), 100), (-1, 4095)]),
)
def test_the_window_is_applied_to_rescaled_values(case, kind, center, width, function, rescale):
    bits, signed, _, values = case
    slope, intercept = rescale
    more = {"VOILUTFunction": function} if function else {}
    pixels = read(
        values, bits=bits, signed=signed, kind=kind, WindowCenter=center, WindowWidth=width,
        RescaleSlope=float(slope), RescaleIntercept=intercept, **more,
    )  # fmt: skip
    exact = [windowed(slope * v + intercept, center, width, function or "LINEAR") for v in values]
    assert_close(pixels, [turned(value, kind) for value in exact])


@given(stored(), kinds, st.integers(-40, 60), st.lists(st.integers(0, 1023), min_size=2))
def test_a_voi_lut_goes_before_a_window_and_ends_at_its_first_and_last_entry(
    case, kind, first, table
):
    bits, signed, _, values = case
    first = first if signed else abs(first)
    pixels = read(
        values, bits=bits, signed=signed, kind=kind,
        VOILUTSequence=lut(first, table, 10), WindowCenter=5, WindowWidth=7,
    )  # fmt: skip
    entries = [table[min(max(v - first, 0), len(table) - 1)] for v in values]
    assert_close(pixels, [turned(Fraction(e * 255, 1023), kind) for e in entries])


@given(stored(), st.lists(st.integers(0, 4095), min_size=2, max_size=40))
def test_a_modality_lut_goes_before_the_window(case, table):
    bits, signed, _, values = case
    pixels = read(
        values, bits=bits, signed=signed, ModalityLUTSequence=lut(3, table, 12),
        WindowCenter=2048, WindowWidth=1000,
    )  # fmt: skip
    entries = [table[min(max(v - 3, 0), len(table) - 1)] for v in values]
    assert_close(pixels, [windowed(e, 2048, 1000) for e in entries])


def test_a_lut_of_65536_entries_and_a_lut_of_bytes_are_read():
    values = np.arange(0, 65536, 257)
    table = 65535 - np.arange(65536)
    pixels = read(values, bits=16, VOILUTSequence=lut(0, table, 16))
    np.testing.assert_array_equal(pixels.ravel(), 255 - np.arange(256))
    item = lut(0, range(256), 8)[0]
    words = np.arange(256, dtype="<u2").tobytes()
    for kind, data in (("OW", words), ("OW", bytes(range(256))), ("US", list(range(256)))):
        item.add_new("LUTData", kind, data)
        pixels = read(np.arange(300), VOILUTSequence=Sequence([item]))
        np.testing.assert_array_equal(pixels.ravel(), np.minimum(np.arange(300), 255))


def test_a_sigmoid_window_is_the_standards():
    values = np.arange(0, 4096, 16)
    pixels = read(values, WindowCenter=1500, WindowWidth=900, VOILUTFunction="SIGMOID")
    expected = 255 / (1 + np.exp(-4 * (values - 1500) / 900))
    assert np.abs(pixels.ravel() - expected).max() <= 0.5 + 1e-9


def test_the_first_of_several_windows_is_taken():
    values = np.arange(0, 4096, 16)
    pixels = read(values, WindowCenter=[2000, 100], WindowWidth=[800, 50])
    assert_close(pixels, [windowed(int(v), 2000, 800) for v in values])


def test_inversion_comes_after_the_window_not_before_it():
    values = np.arange(256)
    window = {"bits": 8, "WindowCenter": 60, "WindowWidth": 41}
    bright = read(values, kind="MONOCHROME2", **window).astype(int)
    dark = read(values, kind="MONOCHROME1", **window).astype(int)
    np.testing.assert_array_equal(bright + dark, 255)
    assert bright[0, 200] == 255  # turning the stored values over would make it 0


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("high_bit", [11, 13, 15])
def test_overlays_in_the_unused_bits_are_left_out(signed, high_bit):
    values = np.arange(4096) - (2048 if signed else 0)
    shift = high_bit - 11
    raw = ((values & 0xFFF) << shift).astype("<u2")
    noise = np.random.default_rng(0).integers(0, 65536, len(raw)).astype("<u2")
    raw |= noise & np.uint16(0xFFFF ^ (0xFFF << shift))
    pixels = read(values, signed=signed, high_bit=high_bit, raw=raw)
    np.testing.assert_array_equal(pixels, read(values, signed=signed))


def test_overlay_planes_change_nothing():
    values = np.arange(4096).reshape(64, 64)
    header = pydicom.dcmread(BytesIO(dicom(values)))
    header.add_new(0x60000010, "US", 64)
    header.add_new(0x60000011, "US", 64)
    header.add_new(0x60000040, "CS", "G")
    header.add_new(0x60000050, "SS", [1, 1])
    header.add_new(0x60000100, "US", 1)
    header.add_new(0x60000102, "US", 0)
    header.add_new(0x60003000, "OW", b"\xff" * 512)
    stream = BytesIO()
    header.save_as(stream)
    with_overlay, _ = dicom_grey(dicom_header(stream.getvalue()))
    np.testing.assert_array_equal(with_overlay, read(values))


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"kind": "RGB"}, "in colour"),
        ({"kind": "MONOCHROME3"}, "in colour"),
        ({"kind": "PALETTE COLOR"}, "in colour"),
        ({"SamplesPerPixel": 3}, "in colour"),
        ({"NumberOfFrames": 2}, "2 frames"),
        ({"BitsAllocated": 32}, "12 bits in 32"),
        ({"BitsStored": 0}, "0 bits in 16"),
        ({"Rows": 9000, "Columns": 9000}, "9000 x 9000 pixels"),
        ({"Rows": 0}, "at least one"),
        ({"Rows": 5}, "cannot be read"),
        ({"WindowCenter": 5, "WindowWidth": 0}, "window of width 0"),
        ({"WindowCenter": 5, "WindowWidth": 2, "VOILUTFunction": "CUBIC"}, "VOI LUT function"),
        ({"RescaleSlope": 0, "RescaleIntercept": 7}, "one value"),
        ({"VOILUTSequence": lut(0, [1, 2, 3], 20)}, "LUT of 3 entries of 20 bits"),
    ],
)
def test_what_is_not_one_grey_image_is_refused_with_the_reason(more, words):
    with pytest.raises(ImageError, match=words):
        read(np.arange(12).reshape(3, 4), **more)


@given(st.integers(132, 700), st.integers(0, 255))
def test_a_damaged_file_is_an_image_or_an_image_error(place, byte):
    data = bytearray(dicom(np.arange(64).reshape(8, 8), WindowCenter=30, WindowWidth=40))
    data[place % len(data)] = byte
    with suppress(ImageError):
        assert dicom_grey(dicom_header(bytes(data)))[0].dtype == np.uint8


def test_dicom_is_told_from_its_bytes():
    assert is_dicom(dicom([[1]]))
    assert not is_dicom(b"DICM" + bytes(200))
    assert not is_dicom(b"")
