package import RuntimeCatalog

/// What a request is checked against: the runtime that would answer it.
package struct RequestContext: Hashable, Sendable {
  /// What is done with a request for what the runtime lacks.
  package enum Unsupported: String, Hashable, Sendable, CaseIterable { case refuse, ignore }

  /// The model, as the client named it.
  package var model: String
  /// The model, as the runtime is told.
  package var upstreamModel: String
  package var backend: Backend
  package var unsupported: Unsupported
  /// Tokens of prompt and answer together; nil when unknown.
  package var context: Int?
  /// Bytes of the longest token; nil when unknown.
  package var longestToken: Int?
  /// Texts of the model's control tokens that no message may have.
  package var specialTokens: [String]

  /// A runtime of which nothing but its backend is known.
  package init(
    model: String, upstreamModel: String, backend: Backend, unsupported: Unsupported = .refuse,
    context: Int? = nil, longestToken: Int? = nil, specialTokens: [String] = []
  ) {
    self.model = model
    self.upstreamModel = upstreamModel
    self.backend = backend
    self.unsupported = unsupported
    self.context = context
    self.longestToken = longestToken
    self.specialTokens = specialTokens
  }

  /// Refuses what the runtime lacks, unless the owner wants it ignored.
  func lacks(_ param: String, _ what: String) throws(APIError) {
    if unsupported == .refuse { throw .unsupported(param, what, model: model) }
  }
}
