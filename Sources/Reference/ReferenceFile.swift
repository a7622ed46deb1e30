package import Base
internal import Events
internal import Health
internal import Linux
internal import Metrics
internal import Render

/// A file that is made from the programs.
package struct ReferenceFile {
  /// Its path in the project.
  package var path: String
  /// What is in it.
  package var text: String

  init(_ path: String, _ text: String) {
    self.path = path
    self.text = text
  }

  /// All of them.
  /// - Parameters:
  ///   - root: the folder of the project, for pages of which a part is made.
  ///   - symbolGraphs: a folder with the symbol graphs of the modules whose types become JSON.
  package static func all(root: String, symbolGraphs: String) throws(Failure) -> [ReferenceFile] {
    func page(_ path: String) throws(Failure) -> String {
      do throws(Errno) {
        return String(
          decoding: try StampedFile.read("\(root)/\(path)", limit: 1 << 20).bytes, as: UTF8.self)
      } catch {
        throw Failure("read \(path)", error)
      }
    }
    let types = DocumentedTypes(try SymbolGraph.read(symbolGraphs))
    let interface = OpenAPIDocument(types: types)
    guard let metrics = MetricsReference.renewed(try page("docs/metrics.md")) else {
      throw Failure("renew docs/metrics.md", because: "it lacks the marks around the families")
    }
    return [
      ReferenceFile("docs/json.md", try JSONReference(types: types).text()),
      ReferenceFile("docs/openapi.json", try interface.text()),
      ReferenceFile("docs/api.md", try interface.renewed(try page("docs/api.md"))),
      ReferenceFile("docs/metrics.md", metrics),
      ReferenceFile("docs/configuration.md", ConfigurationReference.text),
      ReferenceFile("units/tinybox.catalog", Catalog.text),
      ReferenceFile("docs/checks/README.md", HealthMarkdown.index(Checks.all)),
    ]
      + Checks.all.map { check in
        ReferenceFile("docs/checks/\(check.info.id).md", HealthMarkdown.page(check.info))
      } + (try CommandReference().files)
  }
}
