"""pydicom's own files, and every transfer syntax that the extra decodes."""

import subprocess
import sys
import warnings
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pydicom = pytest.importorskip("pydicom")
from dicom_written import header_of, write  # noqa: E402 - after the skip
from pydicom import data as pydicom_data  # noqa: E402
from pydicom import uid  # noqa: E402
from pydicom.encaps import encapsulate  # noqa: E402

from cxrzoo.data import load_sample, records_from_csv  # noqa: E402
from cxrzoo.errors import ImageError, MissingExtraError  # noqa: E402
from cxrzoo.images import read_image  # noqa: E402
from cxrzoo.inference import expand_paths  # noqa: E402

SHIPPED = Path(pydicom_data.__file__).parent / "test_files"
HTJ2K = Path(__file__).parent / "htj2k" / "ramp.jhc"
# pydicom says that a file is longer than it need be; that is no concern of these tests.
pytestmark = pytest.mark.filterwarnings("ignore:The pixel data is:UserWarning")


def windowed(values, center, width):
    """PS3.3 C.11.2.1.2.1 in floating point, to uint8."""
    exact = ((values.astype(float) - (center - 0.5)) / (width - 1) + 0.5) * 255
    return np.rint(np.clip(exact, 0, 255)).astype(np.uint8)


def by_gdcm(path, header, values, syntax):
    """Compresses with gdcm, which writes what it was not asked to read."""
    gdcm = pytest.importorskip("gdcm")
    plain = path.with_suffix(".plain")
    write(plain, header, values.tobytes(), uid.ExplicitVRLittleEndian)
    reader = gdcm.ImageReader()
    reader.SetFileName(str(plain))
    assert reader.Read()
    change = gdcm.ImageChangeTransferSyntax()
    change.SetTransferSyntax(gdcm.TransferSyntax(getattr(gdcm.TransferSyntax, syntax)))
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer = gdcm.ImageWriter()
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    writer.SetFileName(str(path))
    assert writer.Write()
    assert pydicom.dcmread(path).file_meta.TransferSyntaxUID.is_encapsulated
    return path


@pytest.mark.parametrize(
    "syntax",
    [
        uid.ImplicitVRLittleEndian,
        uid.ExplicitVRLittleEndian,
        uid.ExplicitVRBigEndian,
        uid.DeflatedExplicitVRLittleEndian,
    ],
    ids=lambda syntax: syntax.name,
)
@pytest.mark.parametrize("signed", [False, True])
def test_uncompressed_files_give_the_windowed_values(tmp_path, x_ray, syntax, signed):
    values = x_ray.astype(np.int16) - 2048 if signed else x_ray
    header = header_of(values, signed=signed)
    if signed:
        header.RescaleSlope, header.RescaleIntercept = 1, 2048
    order = ">" if not syntax.is_little_endian else "<"
    raw = values.astype(f"{order}{'i' if signed else 'u'}2").tobytes()
    path = write(tmp_path / "x.dcm", header, raw, syntax)
    np.testing.assert_array_equal(read_image(path)[:, :, 0], windowed(x_ray, 2000, 3000))


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize(
    "syntax",
    [
        "RLELossless",
        "JPEGLosslessProcess14",
        "JPEGLosslessProcess14_1",
        "JPEGLSLossless",
        "JPEG2000Lossless",
    ],
)
def test_losslessly_compressed_files_give_the_windowed_values(tmp_path, x_ray, syntax, signed):
    values = x_ray.astype(np.int16) - 2048 if signed else x_ray
    header = header_of(values, signed=signed)
    if signed:
        header.WindowCenter = 2000 - 2048
    path = by_gdcm(tmp_path / "x.dcm", header, values, syntax)
    np.testing.assert_array_equal(read_image(path)[:, :, 0], windowed(x_ray, 2000, 3000))


@pytest.mark.parametrize("syntax", ["JPEG2000", "JPEGLSNearLossless"])
def test_lossily_compressed_files_give_nearly_the_windowed_values(tmp_path, x_ray, syntax):
    path = by_gdcm(tmp_path / "x.dcm", header_of(x_ray), x_ray, syntax)
    apart = read_image(path)[:, :, 0].astype(int) - windowed(x_ray, 2000, 3000)
    assert np.abs(apart).max() <= 3


def test_eight_bit_jpeg_files_give_what_pillow_reads_from_the_jpeg(tmp_path):
    pytest.importorskip("gdcm")
    grey = Image.open(load_sample().images[3]).convert("L")
    stream = BytesIO()
    grey.save(stream, "JPEG", quality=90)
    decoded = np.asarray(Image.open(BytesIO(stream.getvalue())))
    header = header_of(decoded, bits=8, PhotometricInterpretation="MONOCHROME1")
    content = encapsulate([stream.getvalue()])
    path = write(tmp_path / "x.dcm", header, content, uid.JPEGBaseline8Bit)
    apart = read_image(path)[:, :, 0].astype(int) - (255 - windowed(decoded, 130, 200))
    assert np.abs(apart).max() <= 2  # two decoders' inverse cosine transforms differ by one


def test_high_throughput_jpeg_2000_is_read(tmp_path):
    pytest.importorskip("openjpeg")
    down, right = np.mgrid[:48, :64]
    values = (down * 64 + right).astype(np.uint16)  # what the codestream was made from
    header = header_of(values, bits=16)
    content = encapsulate([HTJ2K.read_bytes()])
    path = write(tmp_path / "x.dcm", header, content, uid.HTJ2KLossless)
    np.testing.assert_array_equal(read_image(path)[:, :, 0], windowed(values, 2000, 3000))


@pytest.mark.parametrize(
    "name",
    [
        "MR_small.dcm",
        "MR_small_RLE.dcm",
        "MR_small_bigendian.dcm",
        "MR_small_expb.dcm",
        "MR_small_implicit.dcm",
        "MR_small_jp2klossless.dcm",
        "MR_small_jpeg_ls_lossless.dcm",
        "MR_small_padded.dcm",
    ],
)
def test_one_slice_is_the_same_in_each_of_pydicoms_transfer_syntaxes(name):
    if "jp2k" in name or "jpeg_ls" in name:
        pytest.importorskip("gdcm")
    plain = (SHIPPED / "MR_small.dcm").read_bytes()
    start = plain.rindex(b"\xe0\x7f\x10\x00OW\x00\x00") + 12  # Pixel Data, explicit, little endian
    values = np.frombuffer(plain[start : start + 2 * 64 * 64], "<i2").reshape(64, 64)
    np.testing.assert_array_equal(
        read_image(SHIPPED / name)[:, :, 0], windowed(values, 600, 1600)
    )  # its header says centre 600, width 1600


@pytest.mark.filterwarnings("ignore::cxrzoo.errors.SmallRangeWarning")  # its window is far too wide
def test_a_real_computed_radiograph_is_turned_over_after_its_window():
    path = SHIPPED / "dicomdirtests" / "77654033" / "CR1" / "6154"
    header = pydicom.dcmread(path)
    assert header.PhotometricInterpretation == "MONOCHROME1"
    raw = np.frombuffer(header.PixelData, "<u2").reshape(header.Rows, header.Columns)
    rescaled = raw * float(header.RescaleSlope) + float(header.RescaleIntercept)
    shown = windowed(rescaled, float(header.WindowCenter), float(header.WindowWidth))
    np.testing.assert_allclose(read_image(path)[:, :, 0], 255 - shown.astype(int), atol=1)


def test_every_file_that_pydicom_ships_is_an_image_or_refused_by_name():
    read = 0
    for path in sorted(p for p in SHIPPED.rglob("*") if p.is_file() and "TINY" not in str(p)):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # these files are there because they are odd
                pixels = read_image(path)
        except (ImageError, MissingExtraError) as error:
            assert str(error).startswith(f"{path}: ")
            assert "\n" not in str(error)
        else:
            assert pixels.dtype == np.uint8
            read += 1
    assert read >= 38


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("SC_rgb_jpeg_dcmd.dcm", "in colour"),
        ("examples_palette.dcm", "in colour"),
        ("rtdose.dcm", "15 frames"),
        ("liver_1frame.dcm", "1 bits in 1"),
        ("test-SR.dcm", "without an image"),
        ("waveform_ecg.dcm", "without an image"),
        ("dicomdirtests/DICOMDIR", "without an image"),
        ("MR_truncated.dcm", "cannot be read"),
        ("no_meta.dcm", "not a PNG or JPEG, nor DICOM"),
    ],
)
def test_pydicoms_files_that_are_no_single_grey_image_are_refused(name, words):
    with pytest.raises(ImageError, match=words):
        read_image(SHIPPED / name)


def test_twelve_bit_lossy_jpeg_is_refused_unless_a_decoder_of_it_is_installed():
    from pydicom.pixels import get_decoder  # noqa: PLC0415 - only here

    if "pylibjpeg" in get_decoder(uid.JPEGExtended12Bit).available_plugins:
        assert read_image(SHIPPED / "JPGExtended.dcm").shape == (1024, 256, 1)
    else:
        with pytest.raises(ImageError, match=r"JPEG Extended.*12 bits.*no installed decoder"):
            read_image(SHIPPED / "JPGExtended.dcm")


def test_a_dicom_file_is_taken_wherever_a_png_is(tmp_path, x_ray):
    for name in ("a.dcm", "b.DICOM", "c.png"):  # what a file is, is told from its bytes
        write(tmp_path / name, header_of(x_ray), x_ray.tobytes(), uid.ExplicitVRLittleEndian)
        assert read_image(tmp_path / name, 64, channels=3).shape == (64, 64, 3)
    assert len(expand_paths([tmp_path])) == 3
    (tmp_path / "mine.csv").write_text("image,Mass\na.dcm,1\nb.DICOM,0\n")
    records = records_from_csv(tmp_path / "mine.csv", labels=["Mass"])
    assert records.dataset(image_size=32)[0][0].shape == (2, 32, 32, 1)


def test_without_pydicom_the_message_has_the_command_that_installs_it(tmp_path, x_ray):
    path = write(tmp_path / "x.dcm", header_of(x_ray), x_ray.tobytes(), uid.ImplicitVRLittleEndian)
    code = (
        "import sys; sys.modules['pydicom'] = None\n"
        "from cxrzoo.images import read_image\n"
        "try: read_image(sys.argv[1])\n"
        "except ImportError as error: print(type(error).__name__, error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith(f"MissingExtraError {path}: ")
    assert "pip install 'cxrzoo[dicom]'" in done.stdout
