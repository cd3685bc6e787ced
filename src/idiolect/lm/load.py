"""Finding and loading a base model safely: safetensors only, no code from the model folder, and a hash of what was loaded."""

from __future__ import annotations

import json
import math
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from idiolect.core.config import POCKET_BASE
from idiolect.core.errors import InfrastructureError, ModelError, PrerequisiteError
from idiolect.core.files import sha256_file
from idiolect.core.records import sha256_text

if TYPE_CHECKING:
    from torch import nn
    from transformers import PreTrainedModel

ATTENTION = "sdpa"
_SHAPE = (
    "model_type",
    "hidden_size",
    "intermediate_size",
    "num_hidden_layers",
    "num_attention_heads",
    "num_key_value_heads",
    "vocab_size",
)


class NotHereError(ModelError):
    """The base has to be downloaded first, and that was not allowed."""


def resolve_base(base: str, project_folder: Path, *, download: bool = True) -> Path:
    """The folder of a base model: `pocket`, a folder (relative to the project file), or a Hub name, which is downloaded.

    Args:
        base: as in the project file.
        project_folder: where relative folders start.
        download: False: only what has been downloaded before is found.

    Raises:
        ModelError: the folder is no usable model.
        NotHereError: it is not on this machine and may not be downloaded.
        InfrastructureError: the Hub cannot be reached.
    """
    if base == POCKET_BASE:
        return Path(__file__).parent / "pocket"
    folder = (project_folder / Path(base).expanduser()).resolve()
    if folder.is_dir():
        check_folder(folder)
        return folder
    if base.startswith((".", "/", "~")) or base.count("/") != 1:
        raise ModelError(
            f"there is no model folder {base!r}",
            file=folder,
            expected="`pocket`, a folder, or a Hub name such as Qwen/Qwen2.5-Coder-14B",
        )
    folder = _download(base, download)
    check_folder(folder)
    return folder


def _download(name: str, allowed: bool) -> Path:
    try:
        from huggingface_hub import snapshot_download  # pyright: ignore[reportUnknownVariableType]
    except ImportError:
        raise PrerequisiteError("downloading a base needs the train extra", hint="pip install 'idiolect[train]'") from None
    patterns = ["*.safetensors", "*.json", "*.jinja", "*.txt"]
    try:
        return Path(snapshot_download(name, allow_patterns=patterns, local_files_only=not allowed))
    except Exception as error:  # noqa: BLE001  the Hub client raises many unrelated types
        if not allowed:
            raise NotHereError(f"{name} is not on this machine", hint="`idiolect plan` downloads it") from None
        raise InfrastructureError(
            f"{name} could not be fetched from the Hugging Face Hub: {type(error).__name__}: {error}",
            hint="check the name and the network, or download the folder yourself and give its path as base",
        ) from None


def check_folder(folder: Path) -> dict[str, Any]:
    """Refuse what cannot be loaded safely; returns the parsed `config.json`.

    Raises:
        ModelError: no config, no safetensors weights (pickled weights are never read), code shipped with the model, a model that
            does not continue text, or one quantised other than by bitsandbytes.
    """
    file = folder / "config.json"
    try:
        loaded: object = json.loads(file.read_bytes())
    except FileNotFoundError:
        raise ModelError("this is no model folder: config.json is missing", file=folder) from None
    except ValueError as error:
        raise ModelError(f"config.json is not valid JSON: {error}", file=file) from None
    if not isinstance(loaded, dict):
        raise ModelError("config.json holds no settings", file=file, expected="a JSON object")
    config = cast("dict[str, Any]", loaded)
    if not list(folder.glob("*.safetensors")):
        pickles = sorted(p.name for p in folder.iterdir() if p.suffix in {".bin", ".pt", ".pth", ".ckpt"})
        found = f"; found {pickles[0]}, a pickle, which can run code when it is loaded and is refused" if pickles else ""
        raise ModelError(f"no safetensors weights{found}", file=folder, hint="convert the weights to .safetensors and try again")
    if "auto_map" in config:
        raise ModelError(
            "the model brings code of its own (auto_map), which is refused", file=file, hint="use an architecture of transformers"
        )
    _check_architecture(config, file)
    _check_quantisation(config, file)
    return config


def _check_architecture(config: dict[str, Any], file: Path) -> None:
    """Only what writes one token after another can be trained here."""
    names = config.get("architectures")
    named = [str(name) for name in cast("list[object]", names)] if isinstance(names, list) else []
    if named and not any("CausalLM" in name or name.endswith("LMHeadModel") for name in named):
        raise ModelError(
            f"{named[0]} is no causal language model",
            file=file,
            expected="an architecture such as Qwen2ForCausalLM",
            hint="name a text model that continues text",
        )


def is_quantised(folder: Path) -> bool:
    """Whether the weights are stored in 4 or 8 bits, by bitsandbytes."""
    return "quantization_config" in check_folder(folder)


def unlike_shape(folder: Path, other: Path) -> str | None:
    """In which of the settings that decide the shapes of its weights a model differs from another one; None if in none."""
    one, two = check_folder(folder), check_folder(other)
    return next((key for key in _SHAPE if one.get(key) != two.get(key)), None)


def _check_quantisation(config: dict[str, Any], file: Path) -> None:
    found: object = config.get("quantization_config")
    if found is None:
        return
    method = cast("dict[str, object]", found).get("quant_method") if isinstance(found, dict) else found
    if method != "bitsandbytes":
        raise ModelError(
            f"the weights are quantised ({method}), which cannot be trained on",
            file=file,
            expected="weights in full precision, or in 4 bits by bitsandbytes",
            hint="name the model that was quantised",
        )


def require_bitsandbytes() -> None:
    """What holds a base in 4 bits.

    Raises:
        PrerequisiteError: it is not installed.
    """
    if find_spec("bitsandbytes") is None:
        raise PrerequisiteError("a base in 4 bits (qlora) needs bitsandbytes", hint="pip install 'idiolect[gpu]'")


def base_hash(folder: Path) -> str:
    """SHA-256 over the configuration's and the weights' file hashes (64 hex digits): the identity an adapter belongs to."""
    files = [folder / "config.json", *sorted(folder.glob("*.safetensors"))]
    return sha256_text("\n".join(f"{file.name} {sha256_file(file)}" for file in files))


def count_parameters(folder: Path) -> int:
    """Parameters of a model in safetensors, read from the files' headers: a JSON object of the tensors' shapes, preceded by its
    length in 8 bytes.

    Raises:
        ModelError: a header cannot be read.
    """
    return sum(math.prod(shape) for file in sorted(folder.glob("*.safetensors")) for shape in _shapes(file).values())


def _shapes(file: Path) -> dict[str, list[int]]:
    try:
        with file.open("rb") as stream:
            header = cast("dict[str, Any]", json.loads(stream.read(int.from_bytes(stream.read(8), "little"))))
        return {name: entry["shape"] for name, entry in header.items() if name != "__metadata__"}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, MemoryError):
        raise ModelError("the weights' header cannot be read", file=file, hint="fetch the file again") from None


def tokenizer_hash(folder: Path) -> str:
    """SHA-256 over the tokenizer's and the chat template's file hashes (64 hex digits): another hash, other tokens."""
    names = ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja")
    return sha256_text("\n".join(f"{name} {sha256_file(folder / name)}" for name in names if (folder / name).is_file()))


def load_model(folder: Path, *, dtype: str = "float32", four_bit: bool = False, device: str | None = None) -> PreTrainedModel:
    """A causal language model in evaluation mode.

    Args:
        folder: of the model.
        dtype: of its weights; of a model in 4 bits, of what is computed with.
        four_bit: hold its linear layers in 4 bits: NF4, its scales quantised once more (Dettmers et al. 2023, arXiv 2305.14314).
            A model that is stored in 4 bits has to be asked for in this way, and stays as it is stored.
        device: where its weights are to be; None: on the GPU if there is one.

    Raises:
        ModelError: the folder is refused by `check_folder`, transformers cannot load it, weights are missing, or they are
            quantised and were asked for in full.
        PrerequisiteError: bitsandbytes is needed and not there.
    """
    import torch
    from safetensors import SafetensorError
    from transformers import AutoModelForCausalLM

    config = check_folder(folder)
    _check_known(config, folder)
    stored = "quantization_config" in config
    if stored and not four_bit:
        raise ModelError(
            "the weights are quantised: they can be trained on, and not merged into or scored",
            file=folder,
            hint="see adapter.merge_base",
        )
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    options = _four_bit_options(dtype, device, stored) if four_bit else {}
    try:
        model, info = cast(
            "tuple[PreTrainedModel, dict[str, Any]]",
            AutoModelForCausalLM.from_pretrained(  # pyright: ignore[reportUnknownMemberType]
                folder,
                dtype=getattr(torch, dtype),
                attn_implementation=ATTENTION,
                use_safetensors=True,
                trust_remote_code=False,
                local_files_only=True,
                output_loading_info=True,
                **options,
            ),
        )
    except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as error:
        raise ModelError(f"the model cannot be loaded: {error}", file=folder) from None
    if missing := sorted(info["missing_keys"]):  # transformers would make them up
        raise ModelError(f"the weights lack {len(missing)} tensors, {missing[0]} among them", file=folder)
    if four_bit:
        _keep_as_stored(cast("nn.Module", model))
    else:
        cast("nn.Module", model).to(device)
    return model.eval()


def _keep_as_stored(model: nn.Module) -> None:
    """On a CPU with bfloat16 instructions, bitsandbytes lays the weights out anew when a model is first measured, for good and
    for use only: what is trained on after that would fail, and another CPU would give other numbers."""
    for module in model.modules():
        if hasattr(module, "support_avx512bf16_for_cpu"):
            cast("Any", module).support_avx512bf16_for_cpu = False


def _four_bit_options(dtype: str, device: str, stored: bool) -> dict[str, Any]:
    """What transformers has to be told: where to, and how to quantise what is not stored quantised."""
    import torch
    from transformers import BitsAndBytesConfig

    require_bitsandbytes()
    options: dict[str, Any] = {"device_map": {"": device}}
    if not stored:
        options["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=getattr(torch, dtype),
        )
    return options


def _check_known(config: dict[str, Any], folder: Path) -> None:
    from transformers import CONFIG_MAPPING, __version__

    kind = config.get("model_type")
    if kind not in CONFIG_MAPPING:
        raise ModelError(
            f"transformers {__version__} knows no architecture {kind!r}",
            file=folder / "config.json",
            hint="update transformers, or take a model that it knows",
        )


def default_dtype() -> str:
    """bfloat16 on a GPU, float32 on a CPU (where bfloat16 is slower and not reproducible across machines)."""
    import torch

    return "bfloat16" if torch.cuda.is_available() else "float32"


def quiet_transformers() -> None:
    """Turn transformers' progress bars and advice off, and the advice of bitsandbytes, which PEFT imports where it is installed:
    progress is idiolect's to show."""
    import logging

    from transformers.utils import logging as transformers_logging

    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
