"""Publish a model to a Hub and fetch it again, verified.

    python examples/publish_and_fetch.py OWNER/NAME [DIRECTORY]

DIRECTORY holds a saved model, such as ``runs/mine/model``; without it the embedded ``nih-mini`` is
published, privately. The address is that of the Hugging Face Hub, or what ``HF_ENDPOINT`` says; the
token comes from ``HF_TOKEN`` or ``hf auth login``.
"""

import sys

import cxrzoo

if len(sys.argv) not in {2, 3}:
    sys.exit(__doc__)
repo_id = sys.argv[1]
model = sys.argv[2] if len(sys.argv) == 3 else cxrzoo.from_pretrained("nih-mini")

published = cxrzoo.push_to_hub(model, repo_id, private=True)
print(f"published {published.uri}")

fetched = cxrzoo.from_pretrained(published.uri, verify=True)  # runs the golden images through it
images, _ = cxrzoo.load_sample().dataset(image_spec=fetched.cxrzoo.image_spec, batch_size=4)[0]
print(f"fetched and verified; scores of four X-rays: {fetched.predict(images, verbose=0).shape}")
