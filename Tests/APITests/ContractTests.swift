import API
import Documents
import Events
import Foundation
import Health
import Inventory
import PeerToPeer
import Placement
import TestSupport
import Testing

@testable import Daemon

/// docs/openapi.json against the endpoints, the Swift types and real documents.
@Suite struct ContractTests {
  /// A Python that has jsonschema: Debian's own, else the first on PATH.
  private static let python: URL? = {
    let onPath = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .map { "\($0)/python3" }
    return (["/usr/bin/python3"] + onPath).map { URL(fileURLWithPath: $0) }
      .first { python in
        FileManager.default.isExecutableFile(atPath: python.path)
          && (try? run(python, ["-c", "import jsonschema"]))?.status == 0
      }
  }()
  private static let without: Comment = "NOT RUN: no python3 with jsonschema (scripts/setup)"
  private static let validate = Project.tests.appendingPathComponent("Contract/validate").path
  private static let description = Project.root.appendingPathComponent("docs/openapi.json")

  private func document() throws -> [String: Any] {
    let data = try Data(contentsOf: Self.description)
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  private func schema(_ name: String) throws -> [String: Any] {
    let components = try #require(try document()["components"] as? [String: Any])
    let schemas = try #require(components["schemas"] as? [String: Any])
    return try #require(schemas[name] as? [String: Any], "no schema \(name)")
  }

  /// Runs a body with an empty folder.
  private func inFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
  }

  @Test func `the document has the endpoints of the daemon and no others`() throws {
    let paths = try #require(try document()["paths"] as? [String: [String: Any]])
    let described = paths.flatMap { path, methods in
      methods.map { method, operation in
        "\((operation as? [String: Any])?["operationId"] ?? "-") \(method.uppercased()) \(path)"
      }
    }
    let endpoints = Endpoints.all.map { "\($0.name) \($0.method.rawValue) \($0.path)" }
    #expect(described.sorted() == endpoints.sorted())
  }

  @Test func `the words of enums are those of the types`() throws {
    func expect(_ name: String, _ words: [String]) throws {
      let described = try schema(name)["enum"] as? [String]
      #expect(described?.sorted() == words.sorted(), "\(name)")
    }
    try expect("EventKind", EventKind.all.map(\.name))
    try expect("Event.Severity", Event.Severity.allCases.map(\.rawValue))
    try expect("Verdict", Verdict.allCases.map(\.rawValue))
    try expect("PeerVerdict", PeerVerdict.allCases.map(\.rawValue))
    try expect("Policy.Mode", Policy.Mode.allCases.map(\.rawValue))
  }

  /// What the commands print of recordings (accepted by GoldenTests), and what the daemon would
  /// say of them, against the schemas; then each with a key too many or too few.
  @Test(.enabled(if: python != nil, without))
  func `real documents are valid, and no change to them goes unnoticed`() throws {
    let python = try #require(Self.python)
    let golden = try FileManager.default
      .subpathsOfDirectory(atPath: Project.tests.appendingPathComponent("Golden").path)
      // The tree of devices and the plan of a trial are a command's, not the interface's.
      .filter {
        $0.hasSuffix(".json") && !$0.hasSuffix("topology.json")
          && !$0.hasSuffix("benchmark-placement.json")
      }
      .map { Project.tests.appendingPathComponent("Golden/\($0)").path }
    #expect(golden.count >= 10)
    try inFolder { folder in
      var files = golden
      func add(_ name: String, _ data: Data) throws {
        let file = folder.appendingPathComponent("\(name).json")
        try data.write(to: file)
        files.append(file.path)
      }
      for (index, recording) in (Project.ownRecordings + Project.sharedRecordings).enumerated() {
        let status = Documents.status(try Documents.inventory(recording))
        try add("status-\(index)", try Documents.data(status))
        let arguments = ["placement", "status", "--json", "--sysroot", recording.path]
        let placement = try run(Project.tinyboxctl, arguments)
        #expect(placement.status == 0, "\(placement.errors)")
        try add("placement-\(index)", Data(placement.output.utf8))
      }
      try add("events", try Documents.data(Documents.events))
      try add("daemon", try Documents.data(Documents.daemon))
      let problem = API.Problem(404, "find device 'x'", cause: "there is none", hint: "look")
      try add("problem", try Documents.data(problem))
      let finished = try run(python, [Self.validate, "--mutate"] + files)
      #expect(finished.status == 0, "\(finished.output)\(finished.errors)")
      #expect(finished.output.hasPrefix("\(files.count) documents"), "\(finished.output)")
    }
  }

  /// The fullest and the barest document that each schema allows go through their Swift type and
  /// come out the same. A key that the type lacks would be lost, one that it must have and the
  /// schema does not ask for would fail to decode.
  @Test(.enabled(if: python != nil, without), arguments: ["fullest", "barest"])
  func `what a schema allows is what its type decodes and encodes`(_ kind: String) throws {
    let python = try #require(Self.python)
    try inFolder { folder in
      let finished = try run(python, [Self.validate, "--examples", folder.path])
      #expect(finished.status == 0, "\(finished.output)\(finished.errors)")
      var done: Set<String> = []
      func roundTrip<Document: Codable>(_ type: Document.Type) throws {
        let name = "\(type).\(kind).json"
        let data = try Data(contentsOf: folder.appendingPathComponent(name))
        let decoded = try JSONDecoder().decode(type, from: data)
        let before = try JSONSerialization.jsonObject(with: data) as? NSDictionary
        let after =
          try JSONSerialization.jsonObject(with: try Documents.data(decoded)) as? NSDictionary
        #expect(before != nil && before == after, "\(name)")
        done.insert(name)
      }
      var types: [any (Codable & Sendable).Type] = []
      for endpoint in Endpoints.all {
        switch endpoint.answer {
        case .document(let type): types.append(type)
        // An event has no `schema` of its own: it is within a document.
        case .stream(let type) where type != Event.self: types.append(type)
        case .stream, .text: break
        }
      }
      for type in types { try roundTrip(type) }
      try roundTrip(API.Problem.self)
      let written = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        .filter { $0.hasSuffix(".\(kind).json") }
      #expect(Set(written) == done)
    }
  }
}
