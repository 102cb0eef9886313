#!/usr/bin/python3
"""The same training in PyTorch, in CPU seconds of one thread for an epoch of one network.

usage: baseline_torch.py seeds SEEDS EPOCHS sgd|adam    the paper's network, all seeds in one bmm, batch 512
       baseline_torch.py wide EPOCHS ROWS               784-1024-20-20-20-10, batch 128, SGD
"""
import sys
import time

import torch

torch.set_num_threads(1)
PAPER, WIDE = [12, 10, 7, 5, 4, 3, 2], [784, 1024, 20, 20, 20, 10]


def seconds_of(epoch, epochs):
    epoch()
    start = time.process_time()
    for _ in range(epochs):
        epoch()
    return (time.process_time() - start) / epochs


def optimizer_of(name, parameters):
    return {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[name](parameters, lr=1e-3)


def seeds(n_seeds, epochs, optimizer):
    """Every seed has weights of its own; the order of the rows is shared, which spares a gather a seed."""
    x = torch.randint(0, 2, (3481, PAPER[0])).float() * 2 - 1
    y = torch.randint(0, 2, (3481,))
    w = [torch.randn(n_seeds, a, b).div_(a ** 0.5).requires_grad_() for a, b in zip(PAPER, PAPER[1:])]
    b = [torch.zeros(n_seeds, 1, v, requires_grad=True) for v in PAPER[1:]]
    step = optimizer_of(optimizer, w + b)

    def epoch():
        order = torch.randperm(len(x))
        for rows in order.split(512):
            t = x[rows].expand(n_seeds, -1, -1)
            for l in range(len(w)):
                t = torch.baddbmm(b[l], t, w[l])
                if l + 1 < len(w):
                    t = torch.tanh(t)
            # The sum over the seeds keeps the gradient of each apart from the others.
            loss = torch.nn.functional.cross_entropy(t.reshape(-1, 2), y[rows].repeat(n_seeds),
                                                     reduction="sum") / len(rows)
            step.zero_grad(set_to_none=True)
            loss.backward()
            step.step()

    return seconds_of(epoch, epochs) / n_seeds


def wide(epochs, n_rows):
    layers = []
    for a, b in zip(WIDE, WIDE[1:]):
        layers += [torch.nn.Linear(a, b), torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1])
    x, y = torch.rand(n_rows, WIDE[0]), torch.randint(0, WIDE[-1], (n_rows,))
    step = optimizer_of("sgd", model.parameters())

    def epoch():
        for rows in torch.randperm(n_rows).split(128):
            loss = torch.nn.functional.cross_entropy(model(x[rows]), y[rows])
            step.zero_grad(set_to_none=True)
            loss.backward()
            step.step()

    return seconds_of(epoch, epochs)


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    if what == "seeds":
        print(seeds(int(rest[0]), int(rest[1]), rest[2]))
    else:
        print(wide(int(rest[0]), int(rest[1])))
