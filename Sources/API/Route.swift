/// One operation of the interface: a method and a path, who may use it, and what it answers.
///
/// The table `Route.all` is the interface: the server dispatches by it, authorization is decided by
/// it, and the OpenAPI document is made from it.
public struct Route: Hashable, Sendable {
  /// Methods in use.
  public enum Method: String, Hashable, Sendable { case get = "GET", post = "POST" }

  /// Which operation it is; also the `operationId` of OpenAPI.
  public enum Operation: String, Hashable, Sendable, CaseIterable {
    case status, statusStream, inventory, device, checks, check, peers, peerPair
    case interrupts, plan, placement, apply, rollback, events, eventStream
    case metrics, topology, daemon, reload
  }

  /// Who may use it.
  public enum Access: String, Hashable, Sendable {
    /// Group `tinybox`, group `tinybox-admin` and root.
    case read
    /// Group `tinybox-admin` and root.
    case change
  }

  /// What the body of the answer is.
  public enum Answer: Hashable, Sendable {
    /// A JSON document of this Swift type.
    case json(String)
    /// A text of this media type.
    case text(String)
    /// Server-sent events with a JSON document of this Swift type as data.
    case stream(String)
  }

  /// A parameter in the query.
  public struct Parameter: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// What it selects.
    public var meaning: String
    /// What values it has.
    public var kind: Kind
    /// Kinds of values.
    public enum Kind: Hashable, Sendable {
      /// Any text.
      case text
      /// A whole number in a range.
      case integer(ClosedRange<Int>)
      /// One of these words.
      case word([String])
    }
  }

  /// The operation.
  public var operation: Operation
  /// The method.
  public var method: Method
  /// The path; a segment in braces takes any text: `/v1/devices/{name}`.
  public var path: String
  /// Who may use it.
  public var access: Access
  /// What it answers.
  public var answer: Answer
  /// One line for the reference.
  public var summary: String
  /// Parameters of the query.
  public var parameters: [Parameter]

  init(
    _ operation: Operation, _ method: Method, _ path: String, _ answer: Answer, _ summary: String,
    access: Access = .read, _ parameters: [Parameter] = []
  ) {
    self.operation = operation
    self.method = method
    self.path = path
    self.access = access
    self.answer = answer
    self.summary = summary
    self.parameters = parameters
  }
}

/// What a request asks for.
public struct Call: Hashable, Sendable {
  /// The operation.
  public var route: Route
  /// Values of the braces of its path, by name.
  public var segments: [String: String]
}

extension Route {
  /// What the table says of a method and a path without query.
  public enum Match: Hashable, Sendable {
    /// The operation.
    case call(Call)
    /// The path is known, and takes only these methods.
    case wrongMethod([Method])
    /// There is no such path.
    case notFound
  }

  /// Finds the operation of a request.
  /// - Parameter segments: the path's segments, percent-decoded.
  public static func match(method: String, segments: [String]) -> Match {
    var allowed: [Method] = []
    for route in all {
      guard let values = route.values(segments) else { continue }
      if route.method.rawValue == method { return .call(Call(route: route, segments: values)) }
      allowed.append(route.method)
    }
    return allowed.isEmpty ? .notFound : .wrongMethod(allowed)
  }

  private func values(_ segments: [String]) -> [String: String]? {
    let parts = path.split(separator: "/")
    guard parts.count == segments.count else { return nil }
    var values: [String: String] = [:]
    for (part, segment) in zip(parts, segments) {
      if part.hasPrefix("{") {
        if segment.isEmpty { return nil }
        values[String(part.dropFirst().dropLast())] = segment
      } else if part != segment {
        return nil
      }
    }
    return values
  }
}
