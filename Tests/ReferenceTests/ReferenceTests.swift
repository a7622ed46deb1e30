import Base
import Foundation
import ReferenceExamples
import TestSupport
import Testing

@testable import Reference

/// What the generator reads of types that were built, and what it makes of them.
@Suite struct ReferenceTests {
  /// The symbol graphs of some modules; of those of the documents without any.
  private static func graphs(_ modules: String...) throws -> [SymbolGraph] {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let finished = try run(
      Project.root.appendingPathComponent("scripts/symbol-graphs"), [folder.path] + modules)
    #expect(finished.status == 0, "\(finished.errors)")
    return try SymbolGraph.read(folder.path)
  }

  private static let examples = Result { try graphs("Base", "ReferenceExamples") }

  private func types() throws -> DocumentedTypes { DocumentedTypes(try Self.examples.get()) }

  private func type(_ name: String, _ of: DocumentedTypes) throws -> DocumentedType {
    let root = try RuntimeType.identifier(ExampleDocument.self)
    return try #require(try of.closure([root]).map(\.type).first { $0.name == name })
  }

  private func keys(_ type: DocumentedType) -> [DocumentedType.Key] {
    guard case .keys(let keys) = type.form else { return [] }
    return keys
  }

  @Test func `keys have the types, comments and order of the properties`() throws {
    let type = try type("ExampleDocument", try types())
    #expect(type.doc == "A document with a key of each type. Its comment | has two paragraphs.")
    let keys = keys(type)
    let names = [
      "schema", "text", "withoutComment", "time", "number", "wholeNumbers", "byte", "eightBytes",
      "table", "byName", "byNumber", "part", "colour", "set", "address", "hidden",
    ]
    #expect(keys.map(\.name) == names)
    func key(_ name: String) throws -> DocumentedType.Key {
      try #require(keys.first { $0.name == name })
    }
    #expect(try key("schema").constant == "example/1")
    #expect(try key("text").doc == "A text in two lines.")
    #expect(try key("withoutComment").type == .flag)
    #expect(try key("withoutComment").doc == "")
    #expect(try key("time").type == .text)
    #expect(try key("number").type == .number)
    #expect(try key("wholeNumbers").type == .list(.integer(bits: 64, isSigned: true)))
    #expect(try key("byte").type == .integer(bits: 8, isSigned: false))
    #expect(try key("table").type == .list(.list(.integer(bits: 32, isSigned: true))))
    #expect(try key("byName").type == .map(hasNumbersAsKeys: false, .number))
    let part = try RuntimeType.identifier(ExampleDocument.Part.self)
    #expect(try key("byNumber").type == .map(hasNumbersAsKeys: true, .list(.named(part))))
    #expect(try key("part").type == .named(part))
    let optional = ["time", "eightBytes", "table", "byNumber", "part", "address"]
    #expect(keys.filter(\.isOptional).map(\.name) == optional)
  }

  @Test func `keys are those that are encoded`() throws {
    let keys = keys(try type("ExampleDocument", try types()))
    func encoded(_ document: ExampleDocument) throws -> Set<String> {
      let text = try JSON.text(document)
      let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
      return Set(try #require(object).keys)
    }
    #expect(try encoded(.fullest) == Set(keys.map(\.name)))
    #expect(try encoded(.barest) == Set(keys.filter { !$0.isOptional }.map(\.name)))
  }

  @Test func `a property more is a key more, and nothing else needs to know it`() throws {
    var graphs = try Self.examples.get()
    let module = try #require(graphs.firstIndex { $0.symbols.contains { $0.name == "Renamed" } })
    let property = try #require(
      graphs[module].symbols.first { $0.name == "ExampleDocument.Part.sizeBytes" })
    var added = property
    added.identifier.precise += "added"
    added.pathComponents[2] = "weightKilograms"
    added.location?.position.line += 1
    let membership = try #require(
      graphs[module].relationships.first {
        $0.kind == "memberOf" && $0.source == property.identifier.precise
      })
    graphs[module].symbols.append(added)
    graphs[module].relationships.append(
      .init(kind: "memberOf", source: added.identifier.precise, target: membership.target))
    let part = try type("ExampleDocument.Part", DocumentedTypes(graphs))
    #expect(keys(part).map(\.name) == ["sizeBytes", "weightKilograms"])
  }

  @Test func `keys have the names of CodingKeys, and what those leave out is none`() throws {
    #expect(keys(try type("Renamed", try types())).map(\.name) == ["Size", "unit"])
  }

  @Test func `an enum is its raw values`() throws {
    guard case .words(let words) = try type("ExampleDocument.Colour", try types()).form else {
      Issue.record("it is no enum")
      return
    }
    #expect(words.map(\.value) == ["red", "dark green", "blue", "black"])
    #expect(words.map(\.doc) == ["", "Called otherwise.", "", ""])
  }

  @Test(arguments: Refused.all.indices)
  func `a type that cannot be described is refused by its name`(_ index: Int) throws {
    let type = Refused.all[index]
    let identifier = try RuntimeType.identifier(type)
    let types = try types()
    let failure = #expect(throws: Failure.self) { _ = try types.closure([identifier]) }
    let name = try #require("\(type)".split(separator: ".").last)
    #expect(failure?.step.contains(name) == true, "\(failure?.description ?? "")")
  }

  @Test func `schemas say what may be absent, and what a set looks like`() throws {
    let root = try RuntimeType.identifier(ExampleDocument.self)
    let schemas = try OpenAPISchemas(types: try types()).schemas([root])
    let document = try #require(schemas["ExampleDocument"])
    #expect(
      document["required"] == [
        "schema", "text", "withoutComment", "number", "wholeNumbers", "byte", "byName", "colour",
        "set", "hidden",
      ])
    let properties = try #require(document["properties"])
    #expect(properties["schema"]?["const"] == "example/1")
    #expect(properties["time"]?["format"] == "date-time")
    #expect(properties["byte"]?["maximum"] == 255)
    #expect(properties["eightBytes"]?["maximum"] == .number("18446744073709551615"))
    #expect(properties["byNumber"]?["propertyNames"]?["pattern"] == "^-?[0-9]+$")
    #expect(properties["set"]?["$ref"] == "#/components/schemas/NumberSet")
    #expect(schemas["NumberSet"]?["type"] == "string")
    #expect(schemas["ExampleDocument.Colour"]?["enum"] == ["red", "dark green", "blue", "black"])
  }

  @Test func `the files of the reference are what the sources say`() throws {
    let folder = try Project.temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let finished = try run(
      Project.root.appendingPathComponent("scripts/symbol-graphs"), [folder.path])
    #expect(finished.status == 0, "\(finished.errors)")
    let files = try ReferenceFile.all(root: Project.root.path, symbolGraphs: folder.path)
    for file in files {
      let written = try String(
        contentsOf: Project.root.appendingPathComponent(file.path), encoding: .utf8)
      #expect(written == file.text, "\(file.path): run 'make docs'")
    }
    for folder in ["docs/man", "docs/checks", "docs/completions"] {
      let there = try FileManager.default.contentsOfDirectory(
        atPath: Project.root.appendingPathComponent(folder).path)
      // Pages of the daemons are written by hand; scripts/check-package compares them with the programs.
      // tinybox.toml(5) is made, and checked, by scripts/generate-docs.
      let made = there.filter { folder != "docs/man" || $0.hasSuffix(".1") }
      #expect(Set(made.map { "\(folder)/\($0)" }).subtracting(files.map(\.path)) == [])
    }
  }
}
