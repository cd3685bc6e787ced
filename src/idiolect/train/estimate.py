"""How much memory and arithmetic a training step takes, by formula: what `plan` prints and what training chooses by.

The counts are exact where they can be: weights, adapter, optimiser, and what autograd keeps of a layer on a CPU (a test compares
it with what PyTorch really saves). What an allocator leaves unused and how fast a machine is cannot be derived; those constants
were fitted, and `benchmarks/plan_accuracy.py` measures how far the whole is off.

The arithmetic: a linear layer of n weights costs 2 n FLOP a token forwards, 2 n for the gradient of its input, and 2 n more for
that of its weights where they are trained (Kaplan et al. 2020, arXiv 2001.08361, section 2.1). With checkpointing the forward
pass is done twice (Chen et al. 2016, arXiv 1604.06174).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

from idiolect.core.config import Adapter
from idiolect.train.shape import ModelShape, adapted, trained_parameters

Precision = Literal["float32", "bfloat16", "nf4"]
Device = Literal["cpu", "gpu"]

_MOMENTS = 8
"""Bytes an adapter parameter: AdamW's two moments in float32. The parameter and its gradient are 4 each."""
_NF4 = 4.127 / 8
"""Bytes a weight: 4 bits and, quantised twice, 0.127 bits of scales (Dettmers et al. 2023, arXiv 2305.14314, section 3)."""
_HOLES, _ONE_LAYER, _STARTED = 0.48, 0.9, 60_000_000
"""Of what the forward pass on a CPU computes and gives back at once, the share that stays as holes between what it keeps: glibc's
allocator cannot use a hole again for a tensor of the same size, because it asks for alignment anew. Of one layer, the share that
its backward pass adds. And bytes that the first steps allocate once, oneDNN's kernels among them. Fitted on four shapes."""
_HALF_BLOCK = 32
"""Of `train.blocks.BLOCK`, which is not imported as it would load torch."""
_RECOMPUTED = 3.0
"""Layers that stand in memory where they are computed again, on a CPU: forwards, backwards, and as holes."""
_LOGIT_COPIES = 3
"""Float32 tensors of trained tokens by vocabulary at once: log-probabilities, their gradient and that of the logits."""
_GPU_LOGITS = 12.7
"""Bytes a number of those on a GPU. This and the next are solved from the peaks of 1.5B, 7B and 14B parameters
(benchmarks/gpu_step.py)."""
_EAGER_HIDDEN, _EAGER_INTERMEDIATE = 12.7, 3.9
"""Numbers a token and layer that PEFT's layers on a GPU keep, in hidden and intermediate widths."""
_CONTEXT = 810_000_000
"""Bytes of a GPU that CUDA and its libraries take."""
_FRAGMENTS = 0.06
"""Share that PyTorch's allocator on a GPU holds beyond what it has given out."""
_RECORDS = 55_000_000
"""Bytes of a training process for what is neither libraries nor model: the records as they were read, the tokenizer, the pack."""
_TOKEN_OBJECTS = 60
"""Bytes of Python objects a token of the packed dataset is: its number, its mask, and their places."""


@dataclass(frozen=True, slots=True)
class Load:
    """What the rows of a stage ask of one pass through the model."""

    tokens: int
    """Of the largest micro-batch."""
    trained: int
    """Of these, at most so many are trained on."""
    context: float
    """Tokens that a token attends to, on average."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes while the largest micro-batch is trained on."""

    weights: int
    adapter: int
    optimiser: int
    """AdamW's moments, and the gradients."""
    activations: int
    logits: int
    scratch: int
    """What is computed and given back at once, as far as it stays taken; of a 4-bit base, the layer that is unpacked."""
    libraries: int
    """CPU: Python with the training stack and the packed dataset. GPU: CUDA."""

    @property
    def total(self) -> int:
        """All parts together."""
        return sum(asdict(self).values())


def memory(
    shape: ModelShape, adapter: Adapter, load: Load, precision: Precision, device: Device, *, checkpointing: bool, libraries: int
) -> Memory:
    """The peak of a training step, by part.

    Counted are the LoRA methods and `full`. `prompt` and `prefix` keep about what LoRA keeps, and so does DoRA; they were not
    measured.

    Args:
        shape: of the base.
        adapter: that is trained on it.
        load: the largest micro-batch.
        precision: of the weights.
        device: which of the two ways of counting.
        checkpointing: whether layers are computed again in the backward pass instead of being kept.
        libraries: bytes of the process (CPU; see `libraries_of`), or of CUDA.
    """
    trained = trained_parameters(shape, adapter)
    weights, unpacked = _weights(shape, precision, 4 if device == "cpu" else 2)
    if adapter.method == "full" and device == "gpu":
        unpacked = 2 * shape.parameters  # autocast's copy in bfloat16
    parts = _cpu if device == "cpu" else _gpu
    activations, logits, scratch = parts(shape, adapter, load, weights, checkpointing)
    own = 0 if adapter.method == "full" else 4 * trained  # all weights: they are counted as such
    return Memory(weights, own, (4 + _MOMENTS) * trained, round(activations), round(logits), round(scratch) + unpacked, libraries)


def _weights(shape: ModelShape, precision: Precision, computed: int) -> tuple[int, int]:
    """Bytes of the weights; and of a base in 4 bits, whose other weights are as wide as what is computed with (`computed` bytes),
    of its largest layer unpacked."""
    if precision == "nf4":
        return round(shape.linear * _NF4) + computed * (shape.parameters - shape.linear), computed * shape.widest
    return (4 if precision == "float32" else 2) * shape.parameters, 0


def _cpu(shape: ModelShape, adapter: Adapter, load: Load, _weights: int, checkpointing: bool) -> tuple[float, float, float]:
    """Activations, logits and scratch in float32."""
    of_layer = 4 * load.tokens * kept(shape, adapter, load.context)
    given_back = 4 * load.tokens * freed(shape, adapter)
    logits = 4 * load.trained * shape.vocabulary * _LOGIT_COPIES
    if checkpointing:
        inputs = 4 * load.tokens * shape.layers * shape.hidden
        return inputs + of_layer, logits, _STARTED + (_RECOMPUTED - 1) * (of_layer + given_back)
    scratch = _STARTED + _HOLES * given_back * shape.layers + _ONE_LAYER * (of_layer + given_back)
    return shape.layers * of_layer, logits, scratch


def _gpu(shape: ModelShape, _adapter: Adapter, load: Load, weights: int, checkpointing: bool) -> tuple[float, float, float]:
    """Activations, logits and scratch in bfloat16."""
    of_layer = 2 * load.tokens * eager(shape)
    inputs = 2 * load.tokens * shape.layers * shape.hidden
    activations = inputs + of_layer if checkpointing else shape.layers * of_layer
    logits = _GPU_LOGITS * load.trained * shape.vocabulary
    return activations, logits, _FRAGMENTS * (weights + activations + logits)


def kept(shape: ModelShape, adapter: Adapter, context: float) -> float:
    """Numbers a token that autograd keeps of one layer on a CPU, whose LoRA layers are `train.fused`.

    The two residual sums and the two normed inputs (4 hidden); queries and what attention gives (2 query); keys and values (2
    key); the gate before and after its SiLU, the up projection, and their product (4 intermediate); what every adapter's first
    half gives (rank). Of attention in blocks (`train.blocks`) the weights: of each head `context`, and half a block that is
    masked out; of PyTorch's own, where heads share keys, what it gives once more as one piece.

    With dropout PEFT's own layers train: in place of inputs that layers share, each keeps what it drops and what is left. Where
    all weights are trained, a norm's are too, and it keeps what it multiplies with them.
    """
    sizes = adapted(shape, adapter)
    adapters = adapter.rank * len(sizes) / shape.layers
    if adapter.method == "full":
        adapters = 2 * shape.hidden
    elif sizes and adapter.dropout:
        adapters += 2 * sum(taken for _, taken in sizes) / shape.layers - (2 * shape.hidden + shape.query + shape.intermediate)
    attention = shape.heads * (context + _HALF_BLOCK) if shape.query == shape.key else shape.query
    return 4 * shape.hidden + 2 * shape.query + 2 * shape.key + 4 * shape.intermediate + adapters + attention


def freed(shape: ModelShape, adapter: Adapter) -> float:
    """Numbers a token that one layer on a CPU computes and does not keep.

    What every base layer gives before its adapter is added, and, where PEFT's own layers train, what the adapter gives and that
    times its scale; two tensors of each norm; and of the rotation of queries and keys three and a half.
    """
    given = sum(out for out, _ in adapted(shape, adapter)) * (3 if adapter.dropout else 1)
    return given / shape.layers + 4 * shape.hidden + 3.5 * (shape.query + shape.key)


def eager(shape: ModelShape) -> float:
    """Numbers a token that one layer keeps on a GPU, where PEFT's own layers train."""
    return _EAGER_HIDDEN * shape.hidden + _EAGER_INTERMEDIATE * shape.intermediate


def libraries_of(process: int, tokens: int) -> int:
    """Bytes of a CPU process beside the model: `process` with the training stack, and a dataset of so many packed tokens."""
    return process + _RECORDS + _TOKEN_OBJECTS * tokens


def gpu_context() -> int:
    """Bytes of a GPU that are taken before anything is put there."""
    return _CONTEXT


@dataclass(frozen=True, slots=True)
class Work:
    """What a number of tokens cost to compute."""

    flops: float
    """In matrix products."""
    numbers: float
    """Numbers that pass through memory besides: those a layer keeps and those it gives back at once."""

    def times(self, factor: float) -> Work:
        """So many times that."""
        return Work(self.flops * factor, self.numbers * factor)

    def plus(self, other: Work) -> Work:
        """Both together."""
        return Work(self.flops + other.flops, self.numbers + other.numbers)


def training_work(shape: ModelShape, adapter: Adapter, load: Load, *, checkpointing: bool) -> Work:
    """Forward and backward pass of `load.tokens` tokens."""
    forward = forward_work(shape, adapter, load)
    low = _low(shape, adapter)
    head = 2 * load.trained * shape.vocabulary * shape.hidden
    attention = load.tokens * 4 * load.context * shape.query * shape.layers
    # backwards: the gradient of every input, that of the adapter's weights, and attention two and a half times (FlashAttention-2,
    # Dao 2023, arXiv 2307.08691, section 4: five products to the forward pass's two)
    backward = load.tokens * (2 * shape.linear + 4 * low) + head + 2.5 * attention
    if adapter.method == "full":
        backward += load.tokens * 2 * shape.linear + head
    both = Work(forward.flops + backward, 3 * forward.numbers)
    again = Work(forward.flops - head, forward.numbers) if checkpointing else Work(0, 0)
    return both.plus(again)


def forward_work(shape: ModelShape, adapter: Adapter, load: Load) -> Work:
    """The forward pass alone, as in a validation."""
    low = _low(shape, adapter)
    attention = 4 * load.context * shape.query * shape.layers
    flops = load.tokens * (2 * shape.linear + 2 * low + attention) + 2 * load.trained * shape.vocabulary * shape.hidden
    numbers = (
        load.tokens * shape.layers * (kept(shape, adapter, load.context) + freed(shape, adapter))
        + load.trained * _LOGIT_COPIES * shape.vocabulary
    )
    return Work(flops, numbers / 3)


def optimiser_work(shape: ModelShape, adapter: Adapter) -> Work:
    """One step of AdamW with clipped gradients: memory traffic alone, four numbers a parameter as `Work` counts them."""
    return Work(0, 4 * trained_parameters(shape, adapter))


def _low(shape: ModelShape, adapter: Adapter) -> int:
    """Weights that low-rank adapters multiply with."""
    return adapter.rank * sum(map(sum, adapted(shape, adapter)))
