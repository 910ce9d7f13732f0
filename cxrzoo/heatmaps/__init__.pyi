"""What ``cxrzoo.heatmaps`` offers. Written by tests/generate.py; do not edit."""

from cxrzoo.heatmaps.boxes import Boxed as Boxed
from cxrzoo.heatmaps.boxes import nih_boxes as nih_boxes
from cxrzoo.heatmaps.explainer import Explainer as Explainer
from cxrzoo.heatmaps.explainer import explain as explain
from cxrzoo.heatmaps.localising import Localisation as Localisation
from cxrzoo.heatmaps.localising import LocalisedRow as LocalisedRow
from cxrzoo.heatmaps.localising import localise as localise
from cxrzoo.heatmaps.maps import Heatmaps as Heatmaps
from cxrzoo.heatmaps.methods import METHODS as METHODS
from cxrzoo.heatmaps import attention as attention
from cxrzoo.heatmaps import boxes as boxes
from cxrzoo.heatmaps import colours as colours
from cxrzoo.heatmaps import computing as computing
from cxrzoo.heatmaps import explainer as explainer
from cxrzoo.heatmaps import gradients_jax as gradients_jax
from cxrzoo.heatmaps import gradients_tensorflow as gradients_tensorflow
from cxrzoo.heatmaps import gradients_torch as gradients_torch
from cxrzoo.heatmaps import localising as localising
from cxrzoo.heatmaps import maps as maps
from cxrzoo.heatmaps import measures as measures
from cxrzoo.heatmaps import methods as methods
from cxrzoo.heatmaps import network as network
from cxrzoo.heatmaps import occlusion as occlusion
from cxrzoo.heatmaps import path as path
from cxrzoo.heatmaps import randomised as randomised
