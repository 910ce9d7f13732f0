"""What ``cxrzoo.pretrained`` offers. Written by tests/generate.py; do not edit."""

from cxrzoo.pretrained.config import FORMAT as FORMAT
from cxrzoo.pretrained.config import Lineage as Lineage
from cxrzoo.pretrained.config import ModelConfig as ModelConfig
from cxrzoo.pretrained.config import config_from_json as config_from_json
from cxrzoo.pretrained.config import config_of as config_of
from cxrzoo.pretrained.config import config_to_json as config_to_json
from cxrzoo.pretrained.patients import PatientSet as PatientSet
from cxrzoo.pretrained.patients import also_trained_on as also_trained_on
from cxrzoo.pretrained.patients import patient_set as patient_set
from cxrzoo.pretrained.source import Artifact as Artifact
from cxrzoo.pretrained.source import open_artifact as open_artifact
from cxrzoo.pretrained.tensors import load_tensors as load_tensors
from cxrzoo.pretrained.tensors import parse_tensors as parse_tensors
from cxrzoo.pretrained.tensors import save_tensors as save_tensors
from cxrzoo.pretrained import catalog as catalog
from cxrzoo.pretrained import config as config
from cxrzoo.pretrained import golden as golden
from cxrzoo.pretrained import held as held
from cxrzoo.pretrained import hub as hub
from cxrzoo.pretrained import hub_address as hub_address
from cxrzoo.pretrained import hub_integrity as hub_integrity
from cxrzoo.pretrained import hub_publish as hub_publish
from cxrzoo.pretrained import patients as patients
from cxrzoo.pretrained import source as source
from cxrzoo.pretrained import tensors as tensors
