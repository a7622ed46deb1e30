/// What the header of a model file says.
public struct ModelFacts: Codable, Hashable, Sendable {
  /// Version of the GGUF format.
  public var formatVersion: Int
  /// `general.architecture`: `llama`. Absent where the file does not say.
  public var architecture: String?
  /// `general.name`.
  public var title: String?
  /// Values of all tensors.
  public var parameters: Int
  /// The type of tensors that most values have: `Q4_K`.
  public var quantisation: String?
  /// Every type of tensors, by number.
  public var tensorTypes: [TensorTypeUse]
  /// Tokens of context that it was trained for.
  public var context: Int?
  /// Layers.
  public var layers: Int?
  /// Values that the KV cache keeps for a token, in all layers; absent where the header does not say enough.
  public var cacheValuesPerToken: Int?
  /// How that number is made: `2 x 32 layers x 8 heads x 128`.
  public var cacheArithmetic: String?
  /// Whether every layer has as many heads as the others; absent where the header does not say.
  public var hasEqualLayers: Bool?
  /// The tokenizer.
  public var tokenizer: Tokenizer
  /// Keys that a loader may need and the file does not have.
  public var missingKeys: [String]
  /// Size of the file, bytes.
  public var fileBytes: Int
  /// Which part of a split model it is; absent for a whole one.
  public var split: Split?

  /// A type of tensors and how much of the model has it.
  public struct TensorTypeUse: Codable, Hashable, Sendable {
    /// Its number in the file.
    public var number: Int
    /// Its name; absent for one that this version of tinybox does not know.
    public var name: String?
    /// Tensors of this type.
    public var tensors: Int
    /// Their values.
    public var parameters: Int
    /// Their bytes; absent where the type is not known.
    public var bytes: Int?
  }

  /// How texts become tokens.
  public struct Tokenizer: Codable, Hashable, Sendable {
    /// `tokenizer.ggml.model`: `gpt2`, `llama`.
    public var model: String?
    /// `tokenizer.ggml.pre`, how text is cut into words: `llama-bpe`.
    public var pre: String?
    /// Tokens.
    public var tokens: Int?
    /// Tokens that control, such as the end of a turn.
    public var controlTokens: Int?
    /// Texts of the control tokens; absent where there are more than 2,048, or one is longer than 128 bytes.
    public var specialTokens: [String]?
    /// Bytes of text of the longest token.
    public var longestTokenBytes: Int?
    /// How many of the 243 bytes of UTF-8 are no token of their own; absent where tokens are not spelled in
    /// bytes.
    public var missingBytes: Int?
    /// The same of the 96 bytes of plain ASCII text.
    public var missingASCII: Int?
    /// The token at the beginning of a text.
    public var beginToken: Int?
    /// The token at the end of a text.
    public var endToken: Int?
    /// The token at the end of a turn.
    public var endOfTurnToken: Int?
    /// Whether the file has a template for chats.
    public var hasChatTemplate: Bool
  }

  /// A part of a model that is split over several files.
  public struct Split: Codable, Hashable, Sendable {
    /// Which part, the first being 0.
    public var index: Int
    /// Parts.
    public var count: Int
  }

  /// The keys that loaders need, for `missingKeys`; `{arch}` is the architecture.
  package static let wantedKeys = [
    "general.architecture", "{arch}.block_count", "{arch}.context_length",
    "{arch}.embedding_length", "{arch}.feed_forward_length", "{arch}.attention.head_count",
    "{arch}.attention.head_count_kv", "{arch}.attention.layer_norm_rms_epsilon",
    "{arch}.rope.freq_base", "tokenizer.ggml.tokens", "tokenizer.ggml.token_type",
    "tokenizer.ggml.pre",
  ]
}
