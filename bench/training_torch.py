#!/usr/bin/python3
"""The training steps of bench_training in PyTorch, printed as Google Benchmark prints its JSON.

usage: training_torch.py TASK THREADS [SECONDS]      with Debian's python3-torch; TASK as in bench/training_tasks.cpp
"""
import json
import resource
import sys
import time

import torch
from torch import nn
from torch.nn import functional

from training_run import GPTS

PERCEPTRON_LAYERS = (784, 512, 512, 10)
PERCEPTRON_BATCH = 128


class Norm(nn.Module):
    """A layer norm without bias, which this version of PyTorch has as a function only."""

    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, values):
        return functional.layer_norm(values, self.weight.shape, self.weight, None, 1e-5)


class Block(nn.Module):
    def __init__(self, heads, width, context):
        super().__init__()
        self.heads = heads
        self.attention_norm = Norm(width)
        self.attention = nn.Linear(width, 3 * width, bias=False)
        self.projection = nn.Linear(width, width, bias=False)
        self.perceptron_norm = Norm(width)
        self.hidden = nn.Linear(width, 4 * width, bias=False)
        self.output = nn.Linear(4 * width, width, bias=False)
        self.register_buffer("mask", torch.tril(torch.ones(context, context)).view(1, 1, context, context) == 0)

    def attend(self, values):
        batch, context, width = values.shape
        query, key, value = (part.view(batch, context, self.heads, width // self.heads).transpose(1, 2)
                             for part in self.attention(values).split(width, dim=2))
        scores = (query @ key.transpose(-2, -1)) * (width // self.heads) ** -0.5
        mixed = functional.softmax(scores.masked_fill(self.mask, float("-inf")), dim=-1) @ value
        return self.projection(mixed.transpose(1, 2).contiguous().view(batch, context, width))

    def forward(self, values):
        values = values + self.attend(self.attention_norm(values))
        return values + self.output(functional.gelu(self.hidden(self.perceptron_norm(values))))


class Gpt(nn.Module):
    def __init__(self, layers, heads, width, context, vocabulary):
        super().__init__()
        self.symbols = nn.Embedding(vocabulary, width)
        self.positions = nn.Embedding(context, width)
        self.blocks = nn.ModuleList(Block(heads, width, context) for _ in range(layers))
        self.norm = Norm(width)
        self.head = nn.Linear(width, vocabulary, bias=False)
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                nn.init.normal_(weight, std=0.02 / (2 * layers) ** 0.5 if "projection" in name or "output" in name else 0.02)
        self.head.weight = self.symbols.weight
        self.register_buffer("places", torch.arange(context))

    def forward(self, symbols):
        values = self.symbols(symbols) + self.positions(self.places)
        for block in self.blocks:
            values = block(values)
        return self.head(self.norm(values)).flatten(0, 1)


def perceptron():
    parts = []
    for inputs, outputs in zip(PERCEPTRON_LAYERS, PERCEPTRON_LAYERS[1:]):
        parts += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*parts[:-1])


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    task, threads, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]) if len(sys.argv) == 4 else 2.0
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    if task in GPTS:
        layers, heads, width, context, batch, vocabulary = GPTS[task]
        model = Gpt(layers, heads, width, context, vocabulary)
        text = torch.randint(vocabulary, (100000,))
        items = batch * context

        def draw():
            windows = torch.randint(len(text) - context, (batch, 1)) + torch.arange(context)
            return text[windows], text[windows + 1].flatten()
    else:
        model = perceptron()
        images, labels = torch.randint(256, (1000, PERCEPTRON_LAYERS[0]), dtype=torch.uint8), torch.randint(10, (1000,))
        items = PERCEPTRON_BATCH

        def draw():
            chosen = torch.randint(len(images), (PERCEPTRON_BATCH,))
            return images[chosen].float() * (1 / 255), labels[chosen]

    decaying = [weight for weight in model.parameters() if weight.dim() == 2]
    others = [weight for weight in model.parameters() if weight.dim() != 2]
    optimiser = torch.optim.AdamW([{"params": decaying, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}], lr=3e-4,
                                  betas=(0.9, 0.99), foreach=True)

    def step():
        inputs, targets = draw()
        loss = functional.cross_entropy(model(inputs), targets)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        return loss.item()

    for _ in range(2):
        step()
    count, begin = 0, time.perf_counter()
    while count < 1 or time.perf_counter() - begin < seconds:
        step()
        count += 1
    spent = time.perf_counter() - begin
    name = f"{task}/step/torch/{threads}/real_time"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    json.dump({"context": {"torch": torch.__version__},
               "benchmarks": [{"name": name, "run_name": name, "run_type": "iteration", "iterations": count, "time_unit": "ms",
                               "real_time": spent / count * 1e3, "items_per_second": items * count / spent, "peak_bytes": peak}]},
              sys.stdout, indent=1)


if __name__ == "__main__":
    main()
