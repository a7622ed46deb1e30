extension Backend {
  /// All that are known. The first is what a model gets without a `command`.
  package static let all = [tinygrad, llamaCPP, openAI]

  /// The backend of a key; nil where this version of tinybox has none.
  package static func named(_ key: String) -> Backend? { all.first { $0.key == key } }

  /// Where the virtual environments are: one folder a version, and the link `current`.
  package static let environments = "/var/lib/tinybox/runtime"
  /// Where the models are: one folder each.
  package static let models = "/var/lib/tinybox/models"
  /// The data of the package, `sitecustomize.py` among it.
  package static let library = "/usr/lib/tinybox"
  /// The port of a runtime in its own network namespace. All have the same: none sees another's.
  package static let port = 8000

  /// 0.14.0's wheel lacks `tinygrad/llm/kernels` (tinygrad issue 18240). Everything in this row was measured
  /// with 0.13.0, or read in its `llm/cli.py`, `llm/model.py` and `llm/gguf.py`.
  package static let tinygrad = Backend(
    key: "tinygrad-0.13.0", title: "tinygrad 0.13.0",
    package: PythonPackage(
      name: "tinygrad", version: "0.13.0", wheel: "tinygrad-0.13.0-py3-none-any.whl",
      sha256: "1aad37a742ac5f0bd26d811b9b799fbb08088eaa2e7279ff53b19b8c934a9f1c",
      python: "3.11"),
    command: [
      "\(environments)/tinygrad-0.13.0/bin/python", "-m", "tinygrad.llm", "--model", "{model}",
      "--max_context", "{context}", "--serve", "{port}",
    ],
    environment: [
      // Opens the model for reading only, which tinygrad does not ask for.
      Variable("PYTHONPATH", library),
      Variable("TINYBOX_MODELS", models),
    ],
    devices: DeviceNames(
      amd: "KFD:{indices}+AMD", nvidia: "NVK:{indices}+NV",
      // The assembler of its own: DEV=CPU needs clang.
      cpu: "CPU:X86", threads: "CPU_COUNT"),
    apis: [.chat], cacheBytes: 4, context: 4096, splitsModels: false,
    loads: LoadableModels(
      tokenizers: [
        "llama3", "llama-v3", "llama-bpe", "qwen2", "qwen35", "qwen35moe", "olmo", "kimi-k2",
        "tekken", "glm4",
      ],
      tensorTypes: [
        0, 1, 2, 3, 6, 7, 8, 12, 13, 14, 18, 21, 22, 23, 24, 25, 26, 27, 28, 30, 39, 41,
      ],
      knownArchitectures: [
        "llama", "qwen2", "qwen3", "qwen3moe", "qwen35", "qwen35moe", "olmoe", "deepseek2",
        "glm4moe",
      ],
      keys: [
        "general.architecture", "{arch}.block_count", "{arch}.context_length",
        "{arch}.embedding_length", "{arch}.attention.head_count",
        "{arch}.attention.head_count_kv", "{arch}.attention.layer_norm_rms_epsilon",
        "{arch}.rope.freq_base", "tokenizer.ggml.tokens", "tokenizer.ggml.token_type",
        "tokenizer.ggml.pre",
      ],
      needsByteTokens: true, needsEqualLayers: true),
    translation: tinygradTranslation)

  private static var tinygradTranslation: BackendTranslation {
    var translation = BackendTranslation()
    // `llm/cli.py` reads messages, temperature and max_tokens, answers 200 whatever else is asked for, and
    // closes the connection at keys that are null and parts that are no text.
    translation.features = []
    translation.passesUnknown = false
    translation.hasWrongUsage = true
    translation.closesOnLongPrompt = true
    // Its tokenizer takes time by the square of a run: 4.1 s of CPU for 4,000 dashes.
    translation.longestRun = 4000
    translation.developerRole = "system"
    // `SimpleTokenizer.encode` splits every text at the tokens that are not normal.
    translation.readsSpecialTokens = true
    return translation
  }

  /// llama.cpp's own server, as a program or in a Python process by `xllamacpp`: the owner's `command` starts it.
  /// It keeps its cache in 16 bits (`--cache-type-k f16`, the default) and splits layers over the GPUs it sees.
  package static let llamaCPP = Backend(
    key: "llama.cpp", title: "llama.cpp's server",
    package: PythonPackage(
      name: "xllamacpp", version: "2026.10.11549",
      wheel: "xllamacpp-2026.10.11549-cp310-abi3-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
      sha256: "c54e7d13520ecc989c63dc99d55de3065e2f343a91f43f053d16b5e62077c261", python: "3.10"),
    command: nil, devices: nil,
    apis: [.chat, .completions, .embeddings, .responses], cacheBytes: 2, context: nil,
    splitsModels: true,
    loads: nil, translation: BackendTranslation())

  /// A server that speaks OpenAI's language: requests go through as they are.
  package static let openAI = Backend(
    key: "openai", title: "a server with OpenAI's interface", package: nil, command: nil,
    devices: nil, apis: [], cacheBytes: nil, context: nil, splitsModels: true, loads: nil,
    translation: BackendTranslation())
}
