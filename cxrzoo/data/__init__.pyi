"""What ``cxrzoo.data`` offers. Written by tests/generate.py; do not edit."""

from cxrzoo.data.dataset import ImageDataset as ImageDataset
from cxrzoo.data.display import plot_cooccurrence as plot_cooccurrence
from cxrzoo.data.display import plot_samples as plot_samples
from cxrzoo.data.leakage import Leakage as Leakage
from cxrzoo.data.packs.mapped import Pack as Pack
from cxrzoo.data.packs.mapped import open_pack as open_pack
from cxrzoo.data.packs.pack import cached_pack as cached_pack
from cxrzoo.data.packs.pack import pack as pack
from cxrzoo.data.quarantine import write_quarantine as write_quarantine
from cxrzoo.data.records import Records as Records
from cxrzoo.data.records import Split as Split
from cxrzoo.data.records import concat as concat
from cxrzoo.data.sample import load_sample as load_sample
from cxrzoo.data.sets.chestmnist import ChestMNIST as ChestMNIST
from cxrzoo.data.sets.chexpert import CheXpert as CheXpert
from cxrzoo.data.sets.google import NIHGoogle as NIHGoogle
from cxrzoo.data.sets.mimic import MIMICCXRJPG as MIMICCXRJPG
from cxrzoo.data.sets.nih import NIHChestXray14 as NIHChestXray14
from cxrzoo.data.sets.nih import read_nih_entries as read_nih_entries
from cxrzoo.data.sets.openi import OpenI as OpenI
from cxrzoo.data.sets.padchest import PadChest as PadChest
from cxrzoo.data.sets.rsna import RSNAPneumonia as RSNAPneumonia
from cxrzoo.data.sets.vindr import VinDrCXR as VinDrCXR
from cxrzoo.data.sets.vocabulary import VOCABULARY as VOCABULARY
from cxrzoo.data.shard import Shard as Shard
from cxrzoo.data.tables import records_from_csv as records_from_csv
