"""A sentence model as small as can be, with weights by chance."""

import hashlib
import json

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

SIZE, LAYERS, WORDS = 32, 2, 40
CONFIG = {"hidden_size": SIZE, "num_attention_heads": 2, "num_hidden_layers": LAYERS, "layer_norm_eps": 1e-12}


def weights():
    """Return tensors by the names that Hugging Face's BertModel gives them."""
    random = np.random.default_rng(5)

    def some(*shape):
        return random.normal(0, 0.1, shape).astype(np.float32)

    found = {
        "embeddings.word_embeddings.weight": some(WORDS, SIZE),
        "embeddings.position_embeddings.weight": some(16, SIZE),
        "embeddings.token_type_embeddings.weight": some(2, SIZE),
        "embeddings.LayerNorm.weight": np.ones(SIZE, np.float32),
        "embeddings.LayerNorm.bias": some(SIZE),
    }
    shapes = {f"attention.self.{part}": (SIZE, SIZE) for part in ("query", "key", "value")}
    shapes |= {"attention.output.dense": (SIZE, SIZE)}
    shapes |= {"intermediate.dense": (4 * SIZE, SIZE), "output.dense": (SIZE, 4 * SIZE)}
    for layer in range(LAYERS):
        for name, shape in shapes.items():
            found[f"encoder.layer.{layer}.{name}.weight"] = some(*shape)
            found[f"encoder.layer.{layer}.{name}.bias"] = some(shape[0])
        for name in ("attention.output.LayerNorm", "output.LayerNorm"):
            found[f"encoder.layer.{layer}.{name}.weight"] = np.ones(SIZE, np.float32)
            found[f"encoder.layer.{layer}.{name}.bias"] = some(SIZE)
    return found


def write(folder):
    """Write the model's files to a folder; return the SHA-256 of the weights.

    It knows the words w0 to w38, and takes every other for one more.
    """
    folder.mkdir(exist_ok=True)
    save_file(weights(), folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(CONFIG))
    known = {"[UNK]": 0, **{f"w{i}": i + 1 for i in range(WORDS - 1)}}
    tokenizer = Tokenizer(WordLevel(known, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    return hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
