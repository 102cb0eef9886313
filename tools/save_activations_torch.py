#!/usr/bin/python3
"""Saves the layers of a PyTorch network for `infoplane estimate`: save_activations_torch.py OUT.h5"""
import sys

import h5py
import torch

model = torch.nn.Sequential(torch.nn.Linear(12, 10), torch.nn.Tanh(), torch.nn.Linear(10, 2))  # yours
x = torch.randint(0, 2, (4096, 12)).float()
y = (x.sum(dim=1) > 5).long()
t = {}
for name, module in model.named_modules():
    if isinstance(module, torch.nn.Tanh):  # the layers to look at
        module.register_forward_hook(lambda m, args, out, name=name: t.update({name: out}))
with torch.no_grad(), h5py.File(sys.argv[1], "w") as file:
    file["q_y_given_x"] = model.eval()(x).softmax(dim=1).numpy()  # what the network predicts
    file["x"], file["y"] = x.numpy(), y.numpy()
    for name, out in t.items():
        file[f"t/{name}"] = out.flatten(start_dim=1).cpu().numpy()  # (n, units)
