"""DATASETS: public data sets that the studies use, each with its home, licence and checksums.

A file counts as downloaded when its SHA-256 is right; it then gets its name, and not before. Data sets whose publisher
offers no file that stays the same byte for byte are listed with what to do by hand.
"""

from __future__ import annotations

import hashlib
import http.client
import urllib.error
import urllib.request
from collections.abc import Callable, Generator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from tidegate.errors import ConfigError, DataError, OutputError
from tidegate.files import replacing

Progress = Callable[[str, int, int], None]
"""Called with a file's name, the bytes that have come, and all its bytes."""
PORTION = 1 << 18
PATIENCE = 30.0
"""Seconds without a byte before a server counts as silent."""


@dataclass(frozen=True)
class RemoteFile:
    """One file: its name, size in bytes and SHA-256. The same bytes stand at every home of its data set."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Dataset:
    """A data set that can be had in public.

    Args:
        name: Its key.
        format: How its files are laid out, the name of a format (``tidegate.data.format``).
        summary: What it is, in one line.
        licence: As its publisher states it.
        page: Where it is described.
        homes: Addresses, each of which files' names are added to; tried in order.
        files: What to download.
        by_hand: What to do instead, where there is no file to download.
    """

    name: str
    format: str
    summary: str
    licence: str
    page: str
    homes: tuple[str, ...] = ()
    files: tuple[RemoteFile, ...] = ()
    by_hand: str | None = None


_ALL = (
    Dataset(
        name="mnist",
        format="idx",
        summary="70,000 handwritten digits, 28×28, 60,000 to train and 10,000 to test",
        licence="CC BY-SA 3.0 (as usually stated; LeCun, Cortes, Burges)",
        page="http://yann.lecun.com/exdb/mnist/",
        homes=(
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
        ),
        files=(
            RemoteFile(
                "train-images-idx3-ubyte.gz",
                9_912_422,
                "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            ),
            RemoteFile(
                "train-labels-idx1-ubyte.gz",
                28_881,
                "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            ),
            RemoteFile(
                "t10k-images-idx3-ubyte.gz",
                1_648_877,
                "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            ),
            RemoteFile(
                "t10k-labels-idx1-ubyte.gz",
                4_542,
                "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
            ),
        ),
    ),
    Dataset(
        name="uw3-500",
        format="line-folder",
        summary="500 printed English lines of the UW-III database, as OCRopus ships them",
        licence="repository Apache-2.0; terms of the UW-III images not stated",
        page="https://github.com/tmbdev/ocropy",
        by_hand="download tests/uw3-500.tgz of the ocropy repository (commit fe78a044) and pass it as it is: "
        "--train uw3-500.tgz",
    ),
    Dataset(
        name="archiscribe",
        format="line-folder",
        summary="4,255 lines of German prints of the 19th century, mostly Fraktur",
        licence="CC BY 4.0",
        page="https://github.com/jbaiter/archiscribe-corpus",
        by_hand="clone the repository and pass its folder transcriptions: --data transcriptions --split 0.8/0.1/0.1",
    ),
    Dataset(
        name="conll2000",
        format="columns",
        summary="CoNLL-2000 chunking: English news, word, part of speech, chunk; 8,936 sentences and 2,012 to test",
        licence="none stated; text of the Wall Street Journal (Penn Treebank), released for the shared task",
        page="https://www.clips.uantwerpen.be/conll2000/chunking/",
        homes=(
            "https://raw.githubusercontent.com/teropa/nlp/f89bc5a15b516208de1cfe2abe9692b7ed9a43e2/"
            "resources/corpora/conll2000/",
        ),
        files=(
            RemoteFile(
                "train.txt",
                2_842_164,
                "82033cd7a72b209923a98007793e8f9de3abc1c8b79d646c50648eb949b87cea",
            ),
            RemoteFile(
                "test.txt",
                639_396,
                "73b7b1e565fa75a1e22fe52ecdf41b6624d6f59dacb591d44252bf4d692b1628",
            ),
        ),
    ),
    Dataset(
        name="ud-english-ewt",
        format="conllu",
        summary="Universal Dependencies, English Web Treebank: parts of speech (CoNLL-U), 16,622 sentences",
        licence="CC BY-SA 4.0",
        page="https://github.com/UniversalDependencies/UD_English-EWT",
        by_hand="put en_ewt-ud-train.conllu, en_ewt-ud-dev.conllu and en_ewt-ud-test.conllu of the repository (commit "
        "15d613d8) into one folder and pass it: --task tag --train UD_English-EWT",
    ),
    Dataset(
        name="wnut17",
        format="columns",
        summary="WNUT-2017: novel and emerging entities in English social media, six types; 5,690 messages",
        licence="CC BY 4.0",
        page="https://github.com/leondz/emerging_entities_17",
        homes=(
            "https://raw.githubusercontent.com/leondz/emerging_entities_17/"
            "e52a2d2a71ac1a051ca2d532eef28653c5c02603/",
        ),
        files=(
            RemoteFile(
                "wnut17train.conll",
                493_781,
                "731820e13f71af324c6b55a1575ec2ce59fbaa2a0806f8f0400b98d56cd6a7a5",
            ),
            RemoteFile(
                "emerging.dev.conll",
                114_749,
                "e053b752b8155113ca66e7db08af5f2f5f43ab993694e4774f1ec5bad42312d8",
            ),
            RemoteFile(
                "emerging.test.annotated",
                192_425,
                "2aa79b764e56ec9264a1b30fdd9b70195bd00ff400b62edd8f399d5f13c178f0",
            ),
        ),
    ),
    Dataset(
        name="weibo-ner",
        format="columns",
        summary="Weibo NER, second version: entities in Chinese social media, by characters; 1,890 messages",
        licence="annotations CC BY-SA 3.0; the messages under the terms of Weibo",
        page="https://github.com/hltcoe/golden-horse",
        homes=(
            "https://raw.githubusercontent.com/hltcoe/golden-horse/"
            "7a73c08e45ed94312af4ef2d97cc35a47d029e99/data/",
        ),
        files=(
            RemoteFile(
                "weiboNER_2nd_conll.train",
                536_039,
                "4e8954c54ab33b0afc9a8abb85715c47422645cc6d1b49fdb24540f4a427e997",
            ),
            RemoteFile(
                "weiboNER_2nd_conll.dev",
                105_881,
                "e72730d83aac680505280b6301c879b3ba470d29ac308979d48cdc58ee4907cc",
            ),
            RemoteFile(
                "weiboNER_2nd_conll.test",
                108_767,
                "faaf6c0ebde5348b935cfd5c89f0f22c9e0779d60667d8b5efbc647b6707d50e",
            ),
        ),
    ),
    Dataset(
        name="tiny-shakespeare",
        format="text",
        summary="Tiny Shakespeare: 1,115,394 characters of plays, 65 different ones",
        licence="public domain; the repository that it comes in states MIT",
        page="https://github.com/karpathy/char-rnn",
        homes=(
            "https://raw.githubusercontent.com/karpathy/char-rnn/"
            "6f9487a6fe5b420b7ca9afb0d7c078e37c1d1b4e/data/tinyshakespeare/",
        ),
        files=(
            RemoteFile(
                "input.txt",
                1_115_394,
                "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
            ),
        ),
    ),
)

DATASETS: dict[str, Dataset] = {one.name: one for one in _ALL}


def get(name: str, folder: Path, *, progress: Progress | None = None) -> Path:
    """Download a data set by its name; see ``download``.

    Raises:
        ConfigError: No such data set.
    """
    if name not in DATASETS:
        near = get_close_matches(name, DATASETS, n=1)
        raise ConfigError(
            f"no data set called {name}",
            expected=", ".join(DATASETS),
            hint=f"did you mean {near[0]}?" if near else None,
        )
    return download(DATASETS[name], folder, progress=progress)


def download(dataset: Dataset, folder: Path, *, progress: Progress | None = None) -> Path:
    """Download what is not there yet, and check everything.

    Args:
        dataset: What to download.
        folder: Where to; made where it is missing. Files there that have the right checksum are left alone.
        progress: Called as bytes come.

    Returns:
        The folder.

    Raises:
        DataError: It is to be had by hand only, no home answers, the connection breaks, or a checksum is wrong.
            No half-written file is left; files that were finished stay, and the next call goes on after them.
        OutputError: The disk refuses.
    """
    if dataset.by_hand is not None:
        raise DataError(
            f"{dataset.name} cannot be downloaded by this command", where=dataset.page, hint=dataset.by_hand
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError("the folder cannot be made", where=str(folder), got=error.strerror) from error
    for file in dataset.files:
        if not _is_there(folder / file.name, file):
            _download_file(dataset, file, folder / file.name, progress)
    return folder


def _is_there(path: Path, file: RemoteFile) -> bool:
    if not path.is_file() or path.stat().st_size != file.size:
        return False
    return hashlib.sha256(path.read_bytes()).hexdigest() == file.sha256


def _download_file(dataset: Dataset, file: RemoteFile, path: Path, progress: Progress | None) -> None:
    failures: list[str] = []
    for home in dataset.homes:
        try:
            _fetch(home + file.name, file, path, progress)
        except DataError as error:
            failures.append(f"{home}{file.name}: {error.what}")
        else:
            return
    raise DataError(
        f"{file.name} cannot be downloaded",
        where=dataset.page,
        got="\n".join(failures),
        hint="check the network and run the command again; files that are finished are kept",
    )


def _fetch(url: str, file: RemoteFile, path: Path, progress: Progress | None) -> None:
    digest = hashlib.sha256()
    size = 0
    with replacing(path) as temporary:
        with temporary.open("wb") as target:
            for portion in _portions(url):
                target.write(portion)
                digest.update(portion)
                size += len(portion)
                if progress is not None:
                    progress(file.name, size, file.size)
        if size < file.size:
            raise DataError(f"the connection broke off after {size:,} of {file.size:,} bytes")
        if digest.hexdigest() != file.sha256:
            raise DataError(f"wrong checksum {digest.hexdigest()[:12]}…, {file.sha256[:12]}… was expected")


def _portions(url: str) -> Generator[bytes]:
    """The bytes at an address. Errors of the network become ``DataError``, so that those of the disk stay apart."""
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE) as response:
            while portion := response.read(PORTION):
                yield portion
    except urllib.error.HTTPError as error:
        raise DataError(f"the server answered {error.code} {error.reason}") from error
    except urllib.error.URLError as error:
        raise DataError(f"no connection ({error.reason})") from error
    except (http.client.HTTPException, OSError) as error:
        raise DataError(f"the connection broke off ({error or type(error).__name__})") from error
