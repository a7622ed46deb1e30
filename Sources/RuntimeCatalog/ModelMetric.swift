/// A metric family that the gateway measures of hosted models, beside those of the daemon. Names follow
/// `MetricFamily`.
package struct ModelMetric: Hashable, Sendable {
  /// How the values behave.
  package enum Kind: String, Hashable, Sendable {
    /// Only grows, until the gateway starts anew.
    case counter
    /// Goes up and down.
    case gauge
    /// Counts of values up to bounds, with their sum.
    case histogram
  }

  /// A label and what its values are.
  package struct Label: Hashable, Sendable {
    /// Its name.
    package var name: String
    /// What its values are.
    package var meaning: String

    /// The name of a model.
    static let model = Label(
      name: "model", meaning: "what a client asked for: a runtime, a model or an alias")
    /// The model that has a queue.
    static let queue = Label(
      name: "queue", meaning: "the model whose runtimes share a queue, or `instance` and a runtime")
    /// What went wrong.
    static let code = Label(
      name: "code", meaning: "`code` of the error, or `client_left`")
  }

  /// The family's name, without `_total`.
  package var name: String
  /// How the values behave.
  package var kind: Kind
  /// The base unit, as the name ends; nil for plain numbers.
  package var unit: String?
  /// Its labels, in the order of the samples' values.
  package var labels: [Label]
  /// Upper bounds of a histogram; empty for other kinds.
  package var bounds: [Double] = []
  /// What it is, in a sentence.
  package var help: String

  /// The name of its samples; of a histogram, what stands before `_bucket`, `_sum` and `_count`.
  package var sampleName: String { kind == .counter ? name + "_total" : name }

  /// All families.
  package static let all = [
    requests, tokens, errors, waiting, active, firstToken, gap, rate, wait,
  ]

  package static let requests = ModelMetric(
    name: "tinybox_model_requests", kind: .counter, labels: [.model],
    help: "Requests for a model that have ended.")
  package static let tokens = ModelMetric(
    name: "tinybox_model_tokens", kind: .counter, labels: [.model],
    help: "Tokens that a model produced.")
  package static let errors = ModelMetric(
    name: "tinybox_model_errors", kind: .counter, labels: [.model, .code],
    help: "Requests for a model that ended with an error, by its code.")
  package static let waiting = ModelMetric(
    name: "tinybox_model_queue_requests", kind: .gauge, labels: [.queue],
    help: "Requests that wait for a model.")
  package static let active = ModelMetric(
    name: "tinybox_model_active_requests", kind: .gauge, labels: [.queue],
    help: "Requests that a model answers.")
  package static let firstToken = ModelMetric(
    name: "tinybox_model_first_token_seconds", kind: .histogram, unit: "seconds",
    labels: [.model], bounds: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120],
    help: "Time from the end of the queue to the first token.")
  package static let gap = ModelMetric(
    name: "tinybox_model_token_gap_seconds", kind: .histogram, unit: "seconds", labels: [.model],
    bounds: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    help: "Time from one token to the next.")
  package static let rate = ModelMetric(
    name: "tinybox_model_tokens_per_second", kind: .histogram, labels: [.model],
    bounds: [0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000],
    help: "Tokens a second after the first, of a request.")
  package static let wait = ModelMetric(
    name: "tinybox_model_queue_seconds", kind: .histogram, unit: "seconds", labels: [.model],
    bounds: [0.005, 0.05, 0.25, 1, 2.5, 5, 10, 30, 60, 300, 600],
    help: "Time that a request waited.")
}
