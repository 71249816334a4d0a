"""Recipes drawn at random, all of which are in order."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from pawlens.recipes import Recipe

share = st.floats(0, 0.9)
count = st.integers(1, 500)
rate = st.floats(1e-12, 1e3)
changes = st.fixed_dictionaries(
    {},
    optional={
        "flip": st.floats(0, 1),
        "rotate": st.floats(0, 180),
        "crop": share,
        "contrast": share,
        "erase": st.floats(0, 1),
    },
)


def phase(do: str, **values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A phase with some of its values."""
    return st.fixed_dictionaries({"do": st.just(do)}, optional=values)


fuse = phase("fuse", hidden=st.lists(count, max_size=4), dropout=share, batch_norm=st.booleans())
unfreeze = phase("unfreeze", blocks=st.just("all") | count)
train = phase(
    "train",
    epochs=count,
    batch=st.integers(2, 512),
    size=st.none() | st.integers(32, 512),
    optimizer=st.sampled_from(["sgd", "adam", "adamw", "adadelta"]),
    rate=st.just("found") | rate,
    rates=st.lists(rate, min_size=1, max_size=4),
    momentum=share,
    weight_decay=st.floats(0, 1),
    schedule=st.sampled_from(["constant", "one_cycle", "sgdr", "cosine", "plateau"]),
    cycles=st.integers(1, 6),
    early_stopping=st.integers(0, 9),
    drop_last=st.booleans(),
    augment=st.sampled_from(["none", "flip", "light", "medium", "strong"]) | changes,
)
last = st.one_of(
    phase("calibrate", clip=st.just("auto") | st.floats(0, 0.49)),
    phase("evaluate", views=st.lists(st.sampled_from(["flip", "crops", "subject"]))),
    st.fixed_dictionaries({"do": st.just("predict"), "photos": st.text()}),
)
phases = st.tuples(
    fuse,
    st.lists(
        st.sampled_from([{"do": "freeze"}, {"do": "explore"}]) | unfreeze,
        max_size=3,
        unique_by=lambda one: one["do"],
    ),
    phase("find_rate", steps=st.integers(20, 200), sweeps=count),
    st.lists(train, min_size=1, max_size=3),
    st.lists(last, max_size=3, unique_by=lambda one: one["do"]),
).map(lambda parts: [parts[0], *parts[1], parts[2], *parts[3], *parts[4]])

general = {
    "about": st.text(),
    "backbones": st.lists(st.text(min_size=1) | st.just("1e3"), min_size=1, max_size=3),
    "folds": st.integers(2, 50),
    "seed": st.integers(0, 2**32 - 1),
    "borders": st.sampled_from(["keep", "trim"]),
}
of_the_default_head = {
    "l2": st.just("auto") | st.lists(rate, min_size=1, max_size=4),
    "clip": st.just("auto") | st.floats(0, 0.49),
    "class_weights": st.sampled_from(["none", "balanced"]),
}
recipes = st.one_of(
    st.fixed_dictionaries({}, optional=general | of_the_default_head),
    st.fixed_dictionaries({"phases": phases}, optional=general),
).map(lambda values: Recipe.parse(values, "drawn"))
