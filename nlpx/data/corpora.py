"""The public corpora of data/README.md that `nlpx data list` shows and `nlpx data fetch` downloads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

GITHUB = "https://github.com"
RAW = "https://raw.githubusercontent.com"
MNIST = "http://yann.lecun.com/exdb/mnist"
REVIEWS = f"{RAW}/SophonPlus/ChineseNlpCorpus/master/datasets"
READ_REVIEWS = "{{type: labelled_texts, train: {}, columns: {{label: label, text: review}}, holdout: {}}}"


@dataclass(frozen=True)
class CorpusFile:
    """A file of a corpus.

    Attributes:
        url: its address; the name of the file is the last part.
        sha256: its checksum, empty if none is known to nlpx.
    """

    url: str
    sha256: str = ""

    @property
    def name(self) -> str:
        return self.url.rsplit("/", 1)[-1]


@dataclass(frozen=True)
class PublicCorpus:
    """A public corpus.

    Attributes:
        name: its name for `nlpx data fetch`.
        task: the task that it is for.
        size: what it contains, in words.
        terms: under which it may be used.
        page: the page that describes it.
        files: the files to download; none if it has to be obtained by hand.
        source: the source in a config that reads the files as they are; empty if they must be prepared.
        prepare: what to do with the files before.
    """

    name: str
    task: str
    size: str
    terms: str
    page: str
    files: Sequence[CorpusFile] = ()
    source: str = ""
    prepare: str = ""


CORPORA = (
    PublicCorpus(
        "couplet",
        "couplet",
        "over 700,000 pairs and a test split",
        "none stated for the data, which was collected from a public blog",
        f"{GITHUB}/wb14123/couplet-dataset",
        [CorpusFile(f"{GITHUB}/wb14123/couplet-dataset/releases/download/1.0/couplet.tar.gz")],
        "{type: pairs, train: [couplet/train/in.txt, couplet/train/out.txt], blanks: true, holdout: 4000}",
        "tar -xzf couplet.tar.gz",
    ),
    PublicCorpus(
        "couplet-clean",
        "couplet",
        "about 740,000 pairs, offensive lines removed",
        "MIT for the repository; derived from couplet",
        f"{GITHUB}/v-zich/couplet-clean-dataset",
    ),
    PublicCorpus(
        "sighan2005",
        "segmentation",
        "1.11 (PKU), 2.37 (MSR), 5.45 (AS), 1.46 (CityU) million words",
        "use in the bakeoff only; contact the four owners for any other use",
        "http://sighan.cs.uchicago.edu/bakeoff2005/",
        [CorpusFile("http://sighan.cs.uchicago.edu/bakeoff2005/data/icwb2-data.zip")],
        "{type: segmented_text, train: icwb2-data/training/pku_training.utf8, holdout: 1000}",
        "unzip icwb2-data.zip",
    ),
    PublicCorpus(
        "ud-gsdsimp",
        "segmentation",
        "3,997 / 500 / 500 sentences",
        "CC BY-SA 4.0",
        f"{GITHUB}/UniversalDependencies/UD_Chinese-GSDSimp",
        [
            CorpusFile(f"{RAW}/UniversalDependencies/UD_Chinese-GSDSimp/master/zh_gsdsimp-ud-{split}.conllu")
            for split in ("train", "dev", "test")
        ],
        prepare="data/README.md has the command that makes segmented sentences of CoNLL-U",
    ),
    PublicCorpus(
        "thucnews",
        "title",
        "about 740,000 news articles in 14 folders",
        "research use, registration required",
        "http://thuctc.thunlp.org/",
        source="{type: articles, train: THUCNews, holdout: 2000}",
    ),
    PublicCorpus(
        "csl",
        "title",
        "3,000 / 500 / 500 titles and abstracts of scientific papers",
        "Apache-2.0 for the repository",
        f"{GITHUB}/ydli-ai/CSL",
    ),
    PublicCorpus(
        "stsb",
        "similarity",
        "about 8,000 pairs of sentences with a score from 0 to 5",
        "none stated; STS-B combines sources under several licenses",
        f"{GITHUB}/pluto-junzeng/CNSD",
    ),
    PublicCorpus(
        "chinese-poetry",
        "poem",
        "nearly 55,000 poems from the Tang and 260,000 from the Song dynasty",
        "MIT",
        f"{GITHUB}/chinese-poetry/chinese-poetry",
    ),
    PublicCorpus(
        "chnsenticorp",
        "sentiment",
        "7,766 reviews of hotels with a label",
        "none stated",
        f"{GITHUB}/SophonPlus/ChineseNlpCorpus",
        [CorpusFile(f"{REVIEWS}/ChnSentiCorp_htl_all/ChnSentiCorp_htl_all.csv")],
        READ_REVIEWS.format("ChnSentiCorp_htl_all.csv", 700),
    ),
    PublicCorpus(
        "waimai",
        "sentiment",
        "11,987 reviews of takeaway food with a label",
        "none stated",
        f"{GITHUB}/SophonPlus/ChineseNlpCorpus",
        [CorpusFile(f"{REVIEWS}/waimai_10k/waimai_10k.csv")],
        READ_REVIEWS.format("waimai_10k.csv", 1000),
    ),
    PublicCorpus(
        "stanford-dogs",
        "dogs",
        "20,580 images of 120 breeds",
        "non-commercial research, as for ImageNet",
        "http://vision.stanford.edu/aditya86/ImageNetDogs/",
        [CorpusFile("http://vision.stanford.edu/aditya86/ImageNetDogs/images.tar")],
        "{type: folders, train: Images, holdout_share: 0.1}",
        "tar -xf images.tar",
    ),
    PublicCorpus(
        "squeezenet",
        "dogs",
        "weights of SqueezeNet 1.1, 3 MB",
        "MIT",
        f"{GITHUB}/rcmalli/keras-squeezenet",
        [
            CorpusFile(
                f"{GITHUB}/rcmalli/keras-squeezenet/releases/download/v1.0/"
                "squeezenet_weights_tf_dim_ordering_tf_kernels_notop.h5"
            )
        ],
    ),
    PublicCorpus(
        "mnist",
        "digits",
        "60,000 and 10,000 images of 28 pixels",
        "see the page",
        f"{MNIST}/",
        [
            CorpusFile(f"{MNIST}/{name}-ubyte.gz", sha256)
            for name, sha256 in {
                "train-images-idx3": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
                "train-labels-idx1": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
                "t10k-images-idx3": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
                "t10k-labels-idx1": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
            }.items()
        ],
        "{type: idx, train: [train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz], holdout: 5000}",
    ),
)
"""All of them, in the order of data/README.md."""
BY_NAME = {corpus.name: corpus for corpus in CORPORA}
