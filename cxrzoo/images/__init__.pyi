"""What ``cxrzoo.images`` offers. Written by tests/generate.py; do not edit."""

from cxrzoo.images.checks import ImageProblem as ImageProblem
from cxrzoo.images.checks import check_images as check_images
from cxrzoo.images.decoding import IMAGE_SUFFIXES as IMAGE_SUFFIXES
from cxrzoo.images.reading import read_image as read_image
from cxrzoo.images.reading import resize as resize
from cxrzoo.images.spec import ImageSpec as ImageSpec
from cxrzoo.images.spec import Placement as Placement
from cxrzoo.images import ahead as ahead
from cxrzoo.images import checks as checks
from cxrzoo.images import codestream as codestream
from cxrzoo.images import decoding as decoding
from cxrzoo.images import dicom as dicom
from cxrzoo.images import dicom_bounds as dicom_bounds
from cxrzoo.images import dicom_elements as dicom_elements
from cxrzoo.images import dicom_window as dicom_window
from cxrzoo.images import png as png
from cxrzoo.images import quiet as quiet
from cxrzoo.images import ranges as ranges
from cxrzoo.images import reading as reading
from cxrzoo.images import spec as spec
