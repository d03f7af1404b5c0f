"""The training loop, top to bottom.

Nothing here knows what is learnt: a ``Prepared`` task brings batches, a loss and metrics. Chance comes from three
places only, so that a run killed at any moment and resumed ends with the same bits: the weights' generator (used once),
torch's own (dropout; its state is in every checkpoint), and generators made afresh from the seed, the epoch and the
batch's number (order and augmentation; they have no state to lose).
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from tidegate.data.batches import prefetch
from tidegate.errors import DivergenceError
from tidegate.nn.initialise import initialise
from tidegate.ops.memory import keep_large_blocks
from tidegate.ops.threads import spare_core
from tidegate.spec.files import append_json_line
from tidegate.tasks.problem import Batch, Metrics, Prepared, Task
from tidegate.train.averaging import average_of, begin, mean_of
from tidegate.train.checkpoint import Progress, Stateful, load_checkpoint, save_checkpoint
from tidegate.train.clock import Clock
from tidegate.train.device import make_fabric
from tidegate.train.evaluate import evaluate
from tidegate.train.folder import Best, RunFolder
from tidegate.train.interrupt import Interrupt
from tidegate.train.optimiser import clip, decay, make_optimiser, penalise, regularised
from tidegate.train.schedule import scale
from tidegate.train.speed import Speed
from tidegate.train.watch import RunPlan, Step, Validation, Watcher


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Attributes:
        network: With the best weights, or with the last ones where ``train.choose`` says so.
        stopped: epochs, max_time, patience or interrupted.
        progress: The final state.
        best: Where those come from, and what validation measured of them then.
        steps_per_epoch: Optimiser steps of one pass over the training data.
        samples_per_second: Of training steps.
        device: Where the network is.
    """

    network: nn.Module
    stopped: str
    progress: Progress
    best: Best
    steps_per_epoch: int
    samples_per_second: float
    device: torch.device


class Trainer:
    """One run: build it, ``fit`` it.

    Args:
        task: Which metric decides, and which way.
        prepared: Data and problem.
        folder: Where checkpoints and history go.
        watch: Told how it goes.
    """

    def __init__(self, task: Task, prepared: Prepared, folder: RunFolder, watch: Watcher) -> None:
        if prepared.lower_is_better is not None:
            task = replace(task, lower_is_better=prepared.lower_is_better)
        self.task, self.prepared, self.folder, self.watch = task, prepared, folder, watch
        self.spec, self.problem = prepared.spec, prepared.problem
        torch.set_num_threads(self.spec.train.threads or os.cpu_count() or 1)
        keep_large_blocks()
        self.fabric = make_fabric(self.spec.train)
        self._build()
        self.primary = prepared.primary or task.primary
        self.train_split = prepared.splits["train"]
        self.steps_per_epoch = len(self._plan_of(0))
        self.evaluate_steps = max(1, round(self.spec.train.evaluate_every * self.steps_per_epoch))
        self.progress = Progress()
        self.speed = Speed()
        self.clock = Clock(self.progress)
        self.validation_seconds = self.rate = self.gradient_norm = 0.0

    def _build(self) -> None:
        torch.manual_seed(self.spec.seed)
        network = self.problem.network()
        initialise(network, self.spec.initialise, torch.Generator().manual_seed(self.spec.seed))
        optimiser = make_optimiser(self.spec.optimiser, network)
        self.network = network
        self.model, self.optimiser = self.fabric.setup(network, optimiser)
        keep = self.spec.train.average
        mean = self.spec.optimiser.name == "asgd"
        self.average = mean_of(network) if mean else average_of(network, keep) if keep else None
        self.state = Stateful(network, optimiser, self.average)
        self.decayed = regularised(network)

    def fit(self, *, resume: bool = False) -> Outcome:
        """Train until the epochs, the time or the patience are used up, or somebody interrupts.

        Args:
            resume: Go on from the last checkpoint of the folder.

        Raises:
            DivergenceError: The loss or the gradient is not finite.
            CheckpointError: There is nothing to resume from, or it belongs to another run.
            OutputError: A checkpoint cannot be written.
        """
        if resume:
            self.progress = load_checkpoint(self.folder.last, self.state, self.folder.fingerprint())
        self.folder.cut_history(self.progress.history)
        self.watch.started(self._plan())
        self.clock = Clock(self.progress)
        saved = time.monotonic()
        with Interrupt(self.watch.message) as interrupt:
            stopped = self._stopped(interrupt)
            while stopped is None:
                with closing(self.batches()) as batches:
                    for batch in batches:
                        self.step(batch)
                        if self.progress.step % self.evaluate_steps == 0:
                            self._validate()
                        stopped = self._stopped(interrupt)
                        minutes = (time.monotonic() - saved) / 60
                        if stopped or minutes > self.spec.train.checkpoint_minutes or self._epoch_ended():
                            self._save()
                            saved = time.monotonic()
                        if stopped:
                            break
        return self._finish(stopped)

    # --- one epoch, one step -----------------------------------------------------------------------------------

    def batches(self) -> Generator[Batch]:
        """The rest of the current epoch's batches, read and augmented ahead of the training."""
        epoch, place = divmod(self.progress.step, self.steps_per_epoch)
        plan = self._plan_of(epoch)
        batches = (self._read(plan[number], epoch, number) for number in range(place, len(plan)))
        # Double precision changes torch's default type during a forward pass, for other threads too: an augmentation
        # beside it would draw other numbers.
        ahead = spare_core() and self.spec.train.precision != "64-true"
        return prefetch(batches, depth=4 if ahead else 0)

    def _plan_of(self, epoch: int) -> list[list[int]]:
        return self.train_split.plan(self.spec.train.batch_size, self.spec.seed, epoch)

    def _read(self, indices: list[int], epoch: int, number: int) -> Batch:
        batch = self.train_split.batch(indices)
        if not self.spec.augment.any:
            return batch
        seed = int(np.random.SeedSequence([self.spec.seed, epoch, number]).generate_state(1, np.uint64)[0])
        generator = torch.Generator().manual_seed(seed & (2**63 - 1))
        return self.problem.augment(batch, self.spec.augment, generator)

    def step(self, batch: Batch) -> None:
        """Learn from one batch."""
        done = self._fraction()
        epoch = self.progress.step / self.steps_per_epoch
        optimise = self.spec.optimiser
        rate = optimise.learning_rate * scale(self.spec.schedule, done, epoch, self.progress.drops)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        begun = time.perf_counter()
        loss = self.loss(batch)
        self.fabric.backward(loss)
        penalise(self.decayed, optimise)
        norm = clip(self.network.parameters(), optimise)
        self._check(float(loss.detach()), norm, rate)
        decay(self.decayed, optimise, rate)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        if self.average is not None and self._averaging:
            self.average.update_parameters(self.network)
        seconds = time.perf_counter() - begun
        self.speed.add(batch.samples, seconds)
        self.progress.samples += batch.samples
        self.progress.step_seconds += seconds
        self._count(float(loss.detach()), norm, rate)

    def loss(self, batch: Batch) -> Tensor:
        """The mean loss of one batch, as a scalar that gradients flow from."""
        if self.progress.step % self.steps_per_epoch == 0:
            self.state.carried = ()
        loss, self.state.carried = self.problem.learn(self.model, batch, self.state.carried)
        return loss

    @property
    def _averaging(self) -> bool:
        """Whether the average counts: from the start, or for asgd once validation has stopped improving."""
        return self.spec.optimiser.name != "asgd" or self.progress.averaging

    def _check(self, loss: float, norm: float, rate: float) -> None:
        if math.isfinite(loss) and math.isfinite(norm):
            return
        came = f"loss {loss:.4g}, gradient norm {norm:.4g}, learning rate {rate:.3g}"
        kept = "; what the last checkpoint holds is kept" if self.folder.last.exists() else ""
        raise DivergenceError(
            "training diverged: the loss or its gradient is not finite",
            where=f"step {self.progress.step + 1} (epoch {self.progress.step / self.steps_per_epoch:.2f})",
            came=came,
            advice=f"try a smaller optimiser.learning_rate (a third of {self.spec.optimiser.learning_rate:g}), a smaller "
            f"optimiser.clip_norm, or a longer schedule.warmup{kept}",
        )

    def _count(self, loss: float, norm: float, rate: float) -> None:
        progress = self.progress
        progress.step += 1
        progress.loss_sum += loss
        progress.loss_count += 1
        self.gradient_norm, self.rate = norm, rate
        self.clock.tick()
        epoch = progress.step / self.steps_per_epoch
        self.watch.stepped(
            Step(progress.step, epoch, progress.seconds, loss, rate, self.speed.recent, self._fraction())
        )

    # --- where the run is ----------------------------------------------------------------------------------------

    def _fraction(self) -> float:
        """How far the run is, 0 to 1: by steps, by time, or by whichever is further."""
        train = self.spec.train
        by_steps = self.progress.step / (train.epochs * self.steps_per_epoch) if train.epochs else 0.0
        by_time = self.progress.seconds / self._time_to_train() if train.max_time else 0.0
        return min(1.0, max(by_steps, by_time))

    def _time_to_train(self) -> float:
        """What ``max_time`` leaves for training, one last validation kept aside."""
        return max(1e-3, (self.spec.train.max_time or math.inf) - self.validation_seconds)

    def _stopped(self, interrupt: Interrupt) -> str | None:
        train, progress = self.spec.train, self.progress
        if interrupt.asked:
            return "interrupted"
        if train.epochs and progress.step >= train.epochs * self.steps_per_epoch:
            return "epochs"
        if train.max_time and progress.seconds >= self._time_to_train():
            return "max_time"
        if train.patience and progress.stale >= train.patience:
            return "patience"
        return None

    def _epoch_ended(self) -> bool:
        return self.progress.step % self.steps_per_epoch == 0

    def _plan(self) -> RunPlan:
        sizes = {name: len(split) for name, split in self.prepared.splits.items()}
        count = sum(p.numel() for p in self.network.parameters())
        train = self.spec.train
        return RunPlan(
            self.task.name, sizes, self.steps_per_epoch, train.epochs, train.max_time, count, self.primary,
            self.progress.step,
        )  # fmt: skip

    # --- validation, checkpoints, the end ----------------------------------------------------------------------------

    def _validate(self) -> None:
        begun = time.perf_counter()
        averaged = self.average is not None and self._averaging
        network = self.average.module if averaged and self.average is not None else self.network
        result = evaluate(network, self.problem, self.prepared.splits["valid"])
        self.validation_seconds = time.perf_counter() - begun
        self.clock.tick()
        best = self._remember(result.metrics[self.primary], result.metrics["loss"])
        if best or self.spec.train.choose == "last":
            self.folder.save_best(network, Best(self.progress.step, result.metrics))
        self._record(result.metrics, best)

    def _remember(self, value: float, loss: float) -> bool:
        """Keep count of the best. Of equals the one of lower loss is better: few samples have few values of accuracy."""
        progress = self.progress
        equal = value == progress.best and progress.best_loss is not None and loss < progress.best_loss
        if self.task.better(value, progress.best) or equal:
            progress.best, progress.best_step, progress.stale, progress.waited = value, progress.step, 0, 0
            progress.best_loss = loss
            return True
        progress.stale += 1
        progress.waited += 1
        if self.average is not None and not self._averaging and progress.stale >= self.spec.optimiser.trigger:
            # Merity, Keskar and Socher 2018, NT-ASGD: from here on the mean of the weights is what is validated.
            begin(self.average, self.network)
            progress.averaging = True
        if self.spec.schedule.name == "plateau" and progress.waited >= self.spec.schedule.patience:
            progress.drops, progress.waited = progress.drops + 1, 0
        return False

    def _record(self, metrics: Metrics, best: bool) -> None:
        progress = self.progress
        loss = progress.loss_sum / max(1, progress.loss_count)
        epoch = progress.step / self.steps_per_epoch
        line = {
            "epoch": epoch, "step": progress.step, "seconds": progress.seconds, "cpu_seconds": progress.cpu_seconds,
            "learning_rate": self.rate, "train_loss": loss, "gradient_norm": self.gradient_norm,
            "samples_per_second": self.speed.recent, "valid": metrics, "best": best,
        }  # fmt: skip
        append_json_line(self.folder.history, line)
        progress.history += 1
        progress.loss_sum, progress.loss_count = 0.0, 0
        self.watch.validated(
            Validation(epoch, progress.step, progress.seconds, loss, metrics, self.primary, best)
        )

    def _save(self) -> None:
        save_checkpoint(self.folder.last, self.state, self.progress, self.folder.fingerprint())

    def _finish(self, stopped: str | None) -> Outcome:
        if self.progress.loss_count or not self.progress.history:
            self._validate()
            self._save()
        self.watch.finished(stopped or "")
        best = self.folder.load_best(self.network)
        speed = self.progress.samples / max(1e-9, self.progress.step_seconds)
        return Outcome(
            self.network, stopped or "", self.progress, best, self.steps_per_epoch, speed,
            self.fabric.device,
        )  # fmt: skip
