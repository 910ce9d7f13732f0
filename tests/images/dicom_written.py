"""DICOM files that tests write: an X-ray's values behind a header that names a patient."""

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset

SECRETS = ("Doe^Jane", "PAT-4711", "19610203", "St. Elsewhere")


def header_of(values, *, signed=False, bits=12, **more):
    header = Dataset()
    header.PatientName, header.PatientID, header.PatientBirthDate, header.InstitutionName = SECRETS
    header.SOPClassUID = "1.2.840.10008.5.1.4.1.1.1.1"
    header.SOPInstanceUID = "1.2.3"
    header.Rows, header.Columns = values.shape
    header.SamplesPerPixel = 1
    header.PhotometricInterpretation = "MONOCHROME2"
    header.BitsAllocated = 8 if bits == 8 else 16
    header.BitsStored, header.HighBit, header.PixelRepresentation = bits, bits - 1, int(signed)
    header.WindowCenter, header.WindowWidth = (130, 200) if bits == 8 else (2000, 3000)
    for name, value in more.items():
        setattr(header, name, value)
    return header


def write(path, header, pixels, syntax):
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = syntax
    header.PixelData = pixels
    header["PixelData"].VR = "OB" if syntax.is_encapsulated else "OW"
    pydicom.dcmwrite(path, header, enforce_file_format=True)
    return path
