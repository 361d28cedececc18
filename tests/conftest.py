"""One thread a test process, as in every run: side by side they would wait for each other."""

import torch

torch.set_num_threads(1)
