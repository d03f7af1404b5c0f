"""The training loop, top to bottom.

Nothing here knows what is learnt: a ``Prepared`` task brings batches, a loss and metrics. Chance comes from three
places only, so that a run killed at any moment and resumed ends with the same bits: the weights' generator (used once),
torch's own (dropout; its state is in every checkpoint), and generators made afresh from the seed, the epoch and the
batch's number (order and augmentation; they have no state to lose).

Where several processes train together, each is here in the same place of the loop: what hangs on the clock, on a
validation or on a signal is agreed upon, and all else follows from the configuration.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator
from contextlib import closing
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from tidegate.errors import DivergenceError
from tidegate.nn.initialise import initialise
from tidegate.ops.threads import spare_core
from tidegate.results.history import HistoryLine
from tidegate.tasks.batches import prefetch
from tidegate.tasks.contract import Carried, Metrics, Prepared, Task
from tidegate.tasks.evaluation import evaluate
from tidegate.tasks.split import Batch
from tidegate.training.averaging import average_of, begin, mean_of
from tidegate.training.callbacks import NullReporter, ProgressReporter, RunPlan, Step, Validation
from tidegate.training.checkpoint import Stateful, load_checkpoint, own_state, save_checkpoint
from tidegate.training.distributed.loss_module import LossModule, zero_loss
from tidegate.training.distributed.process_group import join, single_process
from tidegate.training.distributed.rank import rank_here, threads_of
from tidegate.training.distributed.sharding import Shard, weight_of
from tidegate.training.folder import Best, RunFolder
from tidegate.training.interrupt import Interrupt
from tidegate.training.optimiser import clip, decay, make_optimiser, penalise, regularised
from tidegate.training.outcome import Outcome
from tidegate.training.progress import Clock, Progress, Speed
from tidegate.training.schedule import scale


class Trainer:
    """One run: build it, ``fit`` it.

    Args:
        task: Which metric decides, and which way.
        prepared: Data and problem.
        folder: Where checkpoints and history go.
        reporter: Told how it goes.

    Raises:
        ConfigError: The device cannot be used, or the batches cannot be shared by so many processes.
    """

    def __init__(self, task: Task, prepared: Prepared, folder: RunFolder, reporter: ProgressReporter) -> None:
        self.task, self.prepared, self.folder, self.reporter = task, prepared, folder, reporter
        self.spec, self.problem = prepared.spec, prepared.problem
        self.rank = rank_here(self.spec.train.processes)
        self.leads = self.rank is None or self.rank.global_rank == 0
        torch.set_num_threads(threads_of(self.spec.train, self.rank))
        self.group = single_process(self.spec.train)
        self._build()
        self.goal = prepared.goal(task)
        self.train_split = prepared.splits["train"]
        plan = self._plan_of(0)
        Shard(0, self.spec.train.processes).check(self.train_split, plan)
        self.steps_per_epoch = len(plan)
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
        self.model, self.optimiser = self.group.fabric.setup(network, optimiser)
        keep = self.spec.train.average
        mean = self.spec.optimiser.name == "asgd"
        self.average = mean_of(network) if mean else average_of(network, keep) if keep else None
        self.state = Stateful(network, optimiser, self.average)
        self.decayed = regularised(network)

    def fit(self, *, resume: bool = False) -> Outcome:
        """Train until the epochs, the time, the steps, the examples or the patience are used up, or somebody interrupts.

        With ``train.processes`` this is where the others come in; the run's folder must hold its configuration and split.

        Args:
            resume: Go on from the last checkpoint of the folder.

        Raises:
            DivergenceError: The loss or the gradient is not finite.
            CheckpointError: There is nothing to resume from, or it belongs to another run.
            OutputError: A checkpoint cannot be written.
            TrainingError: Another process of the run has ended.
        """
        if self.spec.train.processes > 1:
            self._join(resume)
        with self.group:
            return self._fit(resume)

    def _join(self, resume: bool) -> None:
        module = self.task.prepare.__module__
        self.group = join(self.spec.train, self.folder.path, self.rank, module=module, resume=resume)
        loss, optimiser = LossModule(self.network), self.state.optimiser
        self.model, self.optimiser = self.group.fabric.setup(loss, optimiser)
        if not self.group.leads:
            self.reporter = NullReporter()
            # Dropout of equal masks in all processes would be less of it. Rank 0 draws as a run by itself does.
            own = np.random.SeedSequence([self.spec.seed, self.group.rank.global_rank])
            torch.manual_seed(int(own.generate_state(1, np.uint64)[0]) & (2**63 - 1))

    def _fit(self, resume: bool) -> Outcome:
        if resume:
            rank = self.group.rank.global_rank
            self.progress = load_checkpoint(self.folder.last, self.state, self.folder.fingerprint(), rank)
        if self.group.leads:
            self.folder.cut_history(self.progress.history)
        self.reporter.started(self._plan())
        self.clock = Clock(self.progress)
        # Nobody writes the next checkpoint while another still reads this one.
        saved = self.group.broadcast(self.progress.seconds)
        with Interrupt(self.reporter.message) as interrupt:
            stopped = self._stopped(interrupt)
            while stopped is None:
                with closing(self.batches()) as batches:
                    for batch in batches:
                        self.step(batch)
                        if self.progress.step % self.evaluate_steps == 0:
                            self._validate()
                        stopped = self._stopped(interrupt)
                        minutes = (self.progress.seconds - saved) / 60
                        if stopped or minutes > self.spec.train.checkpoint_minutes or self._epoch_ended():
                            self._save()
                            saved = self.progress.seconds
                        if stopped:
                            break
        return self._finish(stopped)

    # --- one epoch, one step -----------------------------------------------------------------------------------

    def batches(self) -> Generator[Batch | None]:
        """The rest of the current epoch's batches, read and augmented ahead of the training.

        Of several processes each has its part; ``None`` where a batch has too few samples for that.
        """
        epoch, place = divmod(self.progress.step, self.steps_per_epoch)
        plan = self._plan_of(epoch)
        batches = (self._read(plan[number], epoch, number) for number in range(place, len(plan)))
        # Double precision changes torch's default type during a forward pass, for other threads too: an augmentation
        # beside it would draw other numbers.
        ahead = spare_core() and self.spec.train.precision != "64-true"
        return prefetch(batches, depth=4 if ahead else 0)

    def _plan_of(self, epoch: int) -> list[list[int]]:
        return self.train_split.plan(self.spec.train.batch_size, self.spec.seed, epoch)

    def _read(self, entry: list[int], epoch: int, number: int) -> Batch | None:
        shard = self.group.shard
        indices = shard.of(self.train_split, entry)
        if not indices:
            return None
        batch = self.train_split.batch(indices)
        if not self.spec.augment.any:
            return batch
        chance = [self.spec.seed, epoch, number, *([shard.rank] if shard.rank else [])]
        seed = int(np.random.SeedSequence(chance).generate_state(1, np.uint64)[0])
        generator = torch.Generator().manual_seed(seed & (2**63 - 1))
        return self.problem.augment(batch, self.spec.augment, generator)

    def step(self, batch: Batch | None) -> None:
        """Learn from one batch, or from this process's part of it."""
        done = self._fraction()
        epoch = self.progress.step / self.steps_per_epoch
        optimise = self.spec.optimiser
        rate = optimise.learning_rate * scale(self.spec.schedule, done, epoch, self.progress.drops)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        begun = time.perf_counter()
        samples, part = self._parts(batch)
        loss = self.loss(batch) * part
        self.group.fabric.backward(loss)
        penalise(self.decayed, optimise)
        norm = clip(self.network.parameters(), optimise)
        # Processes average their gradients, and with them their losses.
        mean = self.group.all_reduce([float(loss.detach())])[0] / self.group.rank.world_size
        self._check(mean, norm, rate)
        decay(self.decayed, optimise, rate)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        if self.average is not None and self._averaging:
            self.average.update_parameters(self.network)
        seconds = time.perf_counter() - begun
        self.speed.add(samples, seconds)
        self.progress.samples += samples
        self.progress.step_seconds += seconds
        self._count(mean, norm, rate)

    def _parts(self, batch: Batch | None) -> tuple[int, float]:
        """Samples of the whole batch, and the factor on this process's mean loss: the mean of all is the whole's."""
        if self.group.alone:
            return (0 if batch is None else batch.samples), 1
        weight = weight_of(batch)
        samples, whole = self.group.all_reduce([0 if batch is None else batch.samples, weight])
        return int(samples), self.group.rank.world_size * max(1.0, weight) / max(1.0, whole)

    def loss(self, batch: Batch | None) -> Tensor:
        """The mean loss of one batch, as a scalar that gradients flow from; 0 where there is no batch."""
        if self.progress.step % self.steps_per_epoch == 0:
            self.state.carried = ()
        if self.group.alone:
            loss, self.state.carried = self.problem.learn(self.model, batch, self.state.carried)
            return loss
        loss, self.state.carried = self.model(partial(self._learn, batch, self.state.carried))
        return loss

    def _learn(self, batch: Batch | None, carried: Carried, network: nn.Module) -> tuple[Tensor, Carried]:
        return zero_loss(network) if batch is None else self.problem.learn(network, batch, carried)

    @property
    def _averaging(self) -> bool:
        """Whether the average counts: from the start, or for asgd once validation has stopped improving."""
        return self.spec.optimiser.name != "asgd" or self.progress.averaging

    def _check(self, loss: float, norm: float, rate: float) -> None:
        if math.isfinite(loss) and math.isfinite(norm):
            return
        got = f"loss {loss:.4g}, gradient norm {norm:.4g}, learning rate {rate:.3g}"
        kept = "; what the last checkpoint holds is kept" if self.folder.last.exists() else ""
        raise DivergenceError(
            "training diverged: the loss or its gradient is not finite",
            where=f"step {self.progress.step + 1} (epoch {self.progress.step / self.steps_per_epoch:.2f})",
            got=got,
            hint=f"try a smaller optimiser.learning_rate (a third of {self.spec.optimiser.learning_rate:g}), a smaller "
            f"optimiser.clip_norm, or a longer schedule.warmup{kept}",
        )

    def _count(self, loss: float, norm: float, rate: float) -> None:
        progress = self.progress
        progress.step += 1
        progress.loss_sum += loss
        progress.loss_count += 1
        self.gradient_norm, self.rate = norm, rate
        self._tick()
        epoch = progress.step / self.steps_per_epoch
        self.reporter.stepped(
            Step(progress.step, epoch, progress.seconds, loss, rate, self.speed.recent, self._fraction())
        )

    def _tick(self) -> None:
        """Count the time of the leading process, and the processor time of all."""
        progress = self.progress
        seconds, cpu = progress.seconds, progress.cpu_seconds
        self.clock.tick()
        if not self.group.alone:
            passed = progress.seconds - seconds if self.group.leads else 0.0
            passed, used = self.group.all_reduce([passed, progress.cpu_seconds - cpu])
            progress.seconds, progress.cpu_seconds = seconds + passed, cpu + used

    # --- where the run is ----------------------------------------------------------------------------------------

    def _fraction(self) -> float:
        """How far the run is, 0 to 1: by the limit that is nearest."""
        train, progress = self.spec.train, self.progress
        done = [progress.step / (train.epochs * self.steps_per_epoch)] if train.epochs else []
        done += [progress.seconds / self._time_to_train()] if train.max_time else []
        done += [progress.step / train.steps] if train.steps else []
        done += [progress.samples / train.examples] if train.examples else []
        return min(1.0, max(done, default=0.0))

    def _time_to_train(self) -> float:
        """What ``max_time`` leaves for training, one last validation kept aside."""
        return max(1e-3, (self.spec.train.max_time or math.inf) - self.validation_seconds)

    def _stopped(self, interrupt: Interrupt) -> str | None:
        train, progress = self.spec.train, self.progress
        if self.group.all_reduce([interrupt.requested])[0]:
            return "interrupted"
        if train.epochs and progress.step >= train.epochs * self.steps_per_epoch:
            return "epochs"
        if train.max_time and progress.seconds >= self._time_to_train():
            return "max_time"
        if train.steps and progress.step >= train.steps:
            return "steps"
        if train.examples and progress.samples >= train.examples:
            return "examples"
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
            self.task.name, sizes, self.steps_per_epoch, train.epochs, train.max_time, count, self.goal.metric,
            self.progress.step, train.steps, train.examples,
        )  # fmt: skip

    # --- validation, checkpoints, the end ----------------------------------------------------------------------------

    def _validate(self) -> None:
        averaged = self.average is not None and self._averaging
        network = self.average.module if averaged and self.average is not None else self.network
        metrics, self.validation_seconds = self.group.broadcast(self._measured(network))
        self._tick()
        best = self._remember(metrics[self.goal.metric], metrics["loss"])
        if self.group.leads and (best or self.spec.train.choose == "last"):
            self.folder.save_best(network, Best(self.progress.step, metrics))
        self._record(metrics, best)

    def _measured(self, network: nn.Module) -> tuple[Metrics, float]:
        """What the leading process validates, and the seconds that takes."""
        begun = time.perf_counter()
        leads = self.group.leads
        metrics = evaluate(network, self.problem, self.prepared.splits["valid"]).metrics if leads else {}
        return metrics, time.perf_counter() - begun

    def _remember(self, value: float, loss: float) -> bool:
        """Keep count of the best. Of equals the one of lower loss is better: few samples have few values of accuracy."""
        progress = self.progress
        equal = value == progress.best and progress.best_loss is not None and loss < progress.best_loss
        if self.goal.better(value, progress.best) or equal:
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
        if self.group.leads:
            HistoryLine(
                epoch=epoch,
                step=progress.step,
                seconds=progress.seconds,
                cpu_seconds=progress.cpu_seconds,
                learning_rate=self.rate,
                train_loss=loss,
                gradient_norm=self.gradient_norm,
                samples_per_second=self.speed.recent,
                valid=metrics,
                best=best,
            ).append(self.folder.history)
        progress.history += 1
        progress.loss_sum, progress.loss_count = 0.0, 0
        self.reporter.validated(
            Validation(epoch, progress.step, progress.seconds, loss, metrics, self.goal.metric, best)
        )

    def _save(self) -> None:
        ranks = self.group.all_gather(own_state(self.state))
        if self.group.leads:
            save_checkpoint(self.folder.last, self.state, self.progress, self.folder.fingerprint(), ranks)

    def _finish(self, stopped: str | None) -> Outcome:
        if self.progress.loss_count or not self.progress.history:
            self._validate()
            self._save()
        self.reporter.finished(stopped or "")
        best = self.folder.load_best(self.network) if self.group.leads else Best(self.progress.best_step, {})
        speed = self.progress.samples / max(1e-9, self.progress.step_seconds)
        return Outcome(
            self.network, stopped or "", self.progress, best, self.steps_per_epoch, speed,
            self.group.fabric.device,
        )  # fmt: skip
