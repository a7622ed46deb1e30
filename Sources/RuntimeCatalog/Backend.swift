/// A runtime that tinybox knows: how it is started, what it loads, and what its server lacks. Each version is
/// a row of `Backend.all`; the code that uses a row asks for no name.
package struct Backend: Hashable, Sendable {
  /// Its key in the registry: `tinygrad-0.13.0`.
  package var key: String
  /// Its name for people.
  package var title: String
  /// What is installed for it, in `Backend.environments`, in a folder called as its key; nil where the owner
  /// installs it.
  package var package: PythonPackage?
  /// Its program and arguments, with placeholders in braces; nil where the owner's `command` says it.
  package var command: [String]?
  /// Its environment, in the order in which units have it.
  package var environment: [Variable] = []
  /// How its devices are named in `DEV`; nil for a runtime that finds its devices itself.
  package var devices: DeviceNames?
  /// What is served without a word of the owner.
  package var apis: [RuntimeAPI]
  /// Bytes of a number in its KV cache; nil where that is not known.
  package var cacheBytes: Int?
  /// Tokens of context without a word of the owner; nil where the model's own is taken.
  package var context: Int?
  /// Whether one model can be split over several GPUs.
  package var splitsModels: Bool
  /// What it loads; nil where nothing is known of it.
  package var loads: LoadableModels?
  /// What the gateway does so that clients see OpenAI's language.
  package var translation: BackendTranslation

  /// A package of PyPI.
  package struct PythonPackage: Hashable, Sendable {
    /// Its name.
    package var name: String
    /// Its version.
    package var version: String
    /// File name of the wheel.
    package var wheel: String
    /// SHA-256 of the wheel, hexadecimal.
    package var sha256: String
    /// The oldest Python that runs it, `3.11`.
    package var python: String
  }

  /// A variable of the environment.
  package struct Variable: Hashable, Sendable {
    /// Its name.
    package var name: String
    /// Its value.
    package var value: String

    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// What stands in `DEV`; `{indices}` is replaced by a list of numbers.
  package struct DeviceNames: Hashable, Sendable {
    /// For AMD's GPUs.
    package var amd: String
    /// For NVIDIA's GPUs.
    package var nvidia: String
    /// Without a GPU.
    package var cpu: String
    /// The variable with the number of threads without a GPU.
    package var threads: String
  }

  /// Which model files it loads.
  package struct LoadableModels: Hashable, Sendable {
    /// Values of `tokenizer.ggml.pre`.
    package var tokenizers: [String]
    /// Types of tensors, by their numbers in a GGUF.
    package var tensorTypes: [Int]
    /// Architectures of the models that its authors offer; others may load.
    package var knownArchitectures: [String]
    /// Keys of the metadata without which it ends; `{arch}` is the architecture.
    package var keys: [String]
    /// Whether text is spelled in tokens of single bytes where no longer one fits: each byte has to be one.
    package var needsByteTokens: Bool
    /// Whether one number of heads has to serve all layers.
    package var needsEqualLayers: Bool
  }
}

/// What the server of a backend does otherwise than OpenAI's, so that the gateway makes up for it.
///
/// What holds for every server is not here: the gateway always asks for a stream, on a connection of its own,
/// writes a temperature, leaves nulls out, and takes only `data: [DONE]` for the end of an answer.
package struct BackendTranslation: Hashable, Sendable {
  /// What a request may ask for that not every server has.
  package enum Feature: String, Hashable, Sendable, CaseIterable {
    case stop, choices, tools, responseFormat, logprobs, logitBias, penalties, topP, parts, audio
    case toolMessages, prediction, webSearch
  }

  /// What it does itself. The gateway refuses the rest, or does it in its place.
  package var features = Set(Feature.allCases)
  /// Whether members that are not known here are passed on.
  package var passesUnknown = true
  /// Whether each event with content is one token, the usage's `prompt_tokens` is the sum of prompt,
  /// completion and end, and `finish_reason` says `stop` where the context is full.
  package var hasWrongUsage = false
  /// Whether a prompt over the context closes the connection without an error.
  package var closesOnLongPrompt = false
  /// The longest run of characters of one class in a prompt, bytes; nil for no limit.
  package var longestRun: Int?
  /// The role that it knows for OpenAI's `developer`; nil when it knows that.
  package var developerRole: String?
  /// Whether the text of a control token in a message becomes that token, so that a message could end its own
  /// turn and begin another's.
  package var readsSpecialTokens = false

  /// A server that speaks OpenAI's language.
  package init() {}

  /// Whether it does something itself.
  package func has(_ feature: Feature) -> Bool { features.contains(feature) }
}
