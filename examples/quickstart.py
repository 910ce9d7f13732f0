"""Fine-tune a small chest X-ray model on the embedded sample, measure it, reload it, predict.

    python examples/quickstart.py

Needs no download. The sample is small and chosen to be rich in positives: the figures show that the
machinery works, and nothing of how good a model is.
"""

from dataclasses import replace

import cxrzoo
from cxrzoo.inference import predict_files

records = cxrzoo.load_sample()
parts = records.split("official")
print(records)

recipe = replace(
    cxrzoo.recipes["modern"],
    name="quickstart",
    weights="nih-mini",
    image_size=160,
    learning_rate=1e-4,
    epochs=2,
    batch_size=16,
)
run = cxrzoo.train(recipe, parts.train, parts.validation, "runs/quickstart", split=parts.name)

test = parts.test.dataset(image_spec=recipe.image_spec)
report = cxrzoo.evaluate(run.model, test, name=recipe.name, split=parts.name, part="test")
print(report.to_markdown(details=False))

model = cxrzoo.from_pretrained(run.directory / "model")
predictions = predict_files(model, list(parts.test.images[:3]))
for file, scores in zip(predictions.images, predictions.scores, strict=True):
    best = scores.argmax()
    print(f"{file}: {predictions.labels[best]} {scores[best]:.3f}")
