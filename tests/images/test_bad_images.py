"""What hospitals' and data sets' folders hold beside good X-rays: each is read right or named."""

import csv
import gzip
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cxrzoo.data import load_sample, write_quarantine
from cxrzoo.errors import ImageError
from cxrzoo.images import read_image
from cxrzoo.inference import predict_files

REAL = Path(load_sample().images[0])
GREY = np.asarray(Image.open(REAL))


def chunk(kind, data):
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def bomb(path):
    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 0, 0, 0, 0)
    data = chunk(b"IDAT", zlib.compress(bytes(2**20)))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + data + chunk(b"IEND", b""))


def text_bomb(path):
    """A small PNG with a compressed comment that inflates to 100 MB."""
    text = chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(100 * 2**20), 9))
    plain = REAL.read_bytes()
    path.write_bytes(plain[:33] + text + plain[33:])


def animated(path):
    frames = [Image.fromarray(GREY), Image.fromarray(255 - GREY)]
    frames[0].save(path, save_all=True, append_images=frames[1:])


def with_palette(path):
    image = Image.frombytes("P", GREY.shape[::-1], (255 - GREY).tobytes())
    image.putpalette([255 - i // 3 for i in range(768)])
    image.save(path)


def with_alpha(path):
    image = Image.fromarray(GREY).convert("RGBA")
    image.putalpha(Image.fromarray(255 - GREY))
    image.save(path)


GOOD = {
    "palette.png": (with_palette, 0),
    "rgba.png": (with_alpha, 0),
    "sixteen.png": (lambda path: Image.fromarray(GREY.astype(np.uint16) * 257).save(path), 0),
    "one_bit.png": (lambda path: Image.fromarray(GREY > 127).save(path), None),
    "really_a_png.jpg": (lambda path: path.write_bytes(REAL.read_bytes()), 0),
    "really_a_jpeg.png": (lambda path: Image.fromarray(GREY).save(path, "JPEG", quality=98), 2),
    "text_bomb.png": (text_bomb, 0),  # its text is not looked at
    "cmyk.jpg": (lambda path: Image.fromarray(GREY).convert("CMYK").save(path, quality=98), 3),
}
"""Name, how it is made, and how far its mean grey may be from the X-ray's; None for any."""

BAD = {
    "empty.png": (lambda path: path.write_bytes(b""), "empty"),
    "truncated.png": (lambda path: path.write_bytes(REAL.read_bytes()[:3000]), "cannot be read"),
    "truncated.jpg": (
        lambda path: (
            Image.fromarray(GREY).save(path, quality=95),
            path.write_bytes(path.read_bytes()[:900]),
        ),
        "cannot be read",
    ),
    "bomb.png": (bomb, "50000 x 50000 pixels"),
    "animated.png": (animated, "an animation"),
    "folder.png": (lambda path: path.mkdir(), "not a file"),
    "gif.png": (lambda path: Image.fromarray(GREY).save(path, "GIF"), "not a PNG or JPEG"),
    "tiff.png": (lambda path: Image.fromarray(GREY).save(path, "TIFF"), "not a PNG or JPEG"),
    "page.png": (lambda path: path.write_text("<html>404</html>"), "not a PNG or JPEG"),
    "packed.png": (
        lambda path: path.write_bytes(gzip.compress(REAL.read_bytes())),
        "not a PNG or JPEG",
    ),
    "broken.dcm": (lambda path: path.write_bytes(bytes(128) + b"DICM"), "DICOM"),
}
"""Name, how it is made, and what is said of it."""


@pytest.fixture
def folder(tmp_path):
    for name, (make, _) in {**GOOD, **BAD}.items():
        make(tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("name", GOOD)
def test_odd_but_good_files_are_read_right(tmp_path, name):
    make, apart = GOOD[name]
    make(tmp_path / name)
    pixels = read_image(tmp_path / name)[:, :, 0]
    assert pixels.shape == GREY.shape
    if apart is not None:
        assert np.abs(pixels.astype(int) - GREY).mean() <= apart


@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_refused_with_their_path_and_a_reason_in_one_line(tmp_path, name):
    if name.endswith(".dcm"):
        pytest.importorskip("pydicom")
    make, words = BAD[name]
    make(tmp_path / name)
    with pytest.raises(ImageError, match=words) as caught:
        read_image(tmp_path / name)
    assert str(caught.value).startswith(f"{tmp_path / name}: ")


def test_prediction_skips_what_is_bad_and_scores_what_is_good(small, folder):
    pytest.importorskip("pydicom")
    model = small("cnn_test1")
    files = sorted(str(path) for path in folder.iterdir())
    predictions = predict_files(model, files, on_error="skip", batch_size=4)
    assert {Path(file).name for file in predictions.images} == set(GOOD)
    assert {Path(file).name for file, _ in predictions.failures} == set(BAD)
    assert all(reason.startswith(file) for file, reason in predictions.failures)


def test_a_quarantine_lists_each_bad_image_and_why(tmp_path):
    failures = [("a,b.png", 'a,b.png: said "no"'), ("c\nd.png", "é")]
    path = write_quarantine(tmp_path / "new" / "q.csv", failures)
    with path.open(newline="", encoding="utf-8") as stream:
        assert [tuple(row) for row in csv.reader(stream)] == [
            ("image", "reason"),
            failures[0],
            ("c{U+000A}d.png", "é"),  # a name is one line, whatever it holds
        ]
    write_quarantine(path, [])
    assert path.read_text() == "image,reason\n"  # not the list of an earlier run
    assert [item.name for item in path.parent.iterdir()] == ["q.csv"]


def test_cxrzoo_predict_writes_the_quarantine_and_says_how_many(small, tmp_path, folder, capsys):
    pytest.importorskip("pydicom")
    from cxrzoo import save_pretrained  # noqa: PLC0415 - Keras, only here
    from cxrzoo.cli import main  # noqa: PLC0415

    model = save_pretrained(small("cnn_test1"), tmp_path / "model")
    files = sorted(str(folder / name) for name in {**GOOD, **BAD} if name != "folder.png")
    listed = tmp_path / "out" / "quarantine.csv"
    arguments = ["predict", "--model", str(model), "--quarantine", str(listed)]
    with pytest.raises(SystemExit) as ended:
        main([*arguments, *files])
    assert ended.value.code == 2  # without --on-error skip nothing would be in it
    assert not listed.exists()
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--on-error", "skip", "--json", *files])
    assert ended.value.code == 1
    printed = capsys.readouterr()
    bad = len(BAD) - 1
    assert f"{bad} of {len(files)} files skipped" in printed.err
    with listed.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {Path(row["image"]).name for row in rows} == set(BAD) - {"folder.png"}
    assert all(row["reason"] for row in rows)
