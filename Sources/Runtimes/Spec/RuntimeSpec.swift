package import Base
package import Configuration
package import RuntimeCatalog

/// What the owner wants of a runtime: `/etc/tinybox/runtimes/NAME.toml`.
package struct RuntimeSpec: Hashable, Sendable {
  /// Its name: that of the file.
  package var name: String
  /// The file.
  package var file: String
  /// `kind`.
  package var kind = Kind.service
  /// `model`, the name of a model that was added.
  package var model: Setting<String>?
  /// `command`: a program with its arguments, with placeholders; empty for the first backend's own.
  package var command: [Setting<String>] = []
  /// `backend`: which translations the gateway makes.
  package var backendKey: Setting<String>?
  /// `endpoint`.
  package var endpoint: Setting<Endpoint>?
  /// `apis`; empty for those of the backend.
  package var apis: [Setting<RuntimeAPI>] = []
  /// `gpus`.
  package var gpus: Setting<GPURequest>?
  /// `context`, tokens.
  package var context: Setting<Int>?
  /// `slots`: requests at once.
  package var slots: Setting<Int>?
  /// `on-demand`: whether it starts with the first request.
  package var onDemand: Setting<Bool>?
  /// `idle`: seconds without a request after which it stops.
  package var idle: Setting<Int>?
  /// `memory`: the most main memory, bytes.
  package var memory: Setting<Int>?
  /// `memory-nodes`: NUMA nodes over which its memory is spread.
  package var memoryNodes: Setting<NumberSet>?
  /// `threads`.
  package var threads: Setting<Int>?
  /// `environment`.
  package var environment: [Setting<Backend.Variable>] = []

  /// What it is.
  package enum Kind: String, CaseIterable, Hashable, Sendable {
    /// It answers requests.
    case service
    /// It works until it is done: training, a batch.
    case job
  }

  /// What it listens on in its own network.
  package enum Endpoint: String, CaseIterable, Hashable, Sendable {
    /// Port 8000 of its own loopback.
    case tcp
    /// A Unix socket, which `{socket}` names.
    case unix
  }

  /// Which GPUs it is to have.
  package enum GPURequest: Hashable, Sendable {
    /// So many, any that are free.
    case count(Int)
    /// These.
    case addresses([PCIAddress])

    /// How many.
    package var count: Int {
      switch self {
      case .count(let count): count
      case .addresses(let addresses): addresses.count
      }
    }
  }

  /// A spec of which nothing is set.
  package init(name: String, file: String) {
    self.name = name
    self.file = file
  }

  /// Seconds without a request after which a runtime on demand stops, without `idle`.
  static let defaultIdle = 1200

  /// The backend: the one named; else the first of the table, or for a command `openai`.
  package var backend: Backend {
    backendKey.flatMap { Backend.named($0.value) }
      ?? (command.isEmpty ? Backend.tinygradDefault : Backend.openAIDefault)
  }

  /// For a command in an environment that tinybox installed, such as a training program: the backend of that
  /// environment.
  package var programBackend: Backend? {
    guard let program = command.first?.value else { return nil }
    let isIn = { (folder: String) in program.hasPrefix("\(Backend.environments)/\(folder)/") }
    if isIn("current") { return Backend.tinygradDefault }
    return Backend.all.first { $0.package != nil && isIn($0.key) }
  }

  /// What it serves: nothing for a job.
  package var servedAPIs: [RuntimeAPI] {
    if kind == .job { return [] }
    return apis.isEmpty ? backend.apis : apis.map(\.value)
  }
}

extension RuntimeSpec {
  /// The folder of all specs.
  package static let folder = "/etc/tinybox/runtimes"

  /// The file of the spec of a name.
  package static func path(_ name: String) -> String { "\(folder)/\(name).toml" }

  /// The name in the path of a file: all but its folder and `.toml`, so that no two files have one name.
  package static func name(ofFile file: String) -> String {
    let name = file.split(separator: "/").last ?? ""
    return String(name.hasSuffix(".toml") ? name.dropLast(5) : name)
  }

  /// The spec in the text of a file.
  /// - Parameter file: its path; the name of the runtime is that of the file.
  /// - Throws: everything that is wrong in it.
  package static func parse(
    _ text: [UInt8], file: String
  ) throws(ConfigurationFailure) -> RuntimeSpec {
    let table: TOMLTable
    do throws(ConfigurationProblem) {
      table = try TOMLParser.parse(text, file: file)
    } catch {
      throw ConfigurationFailure(problems: [error])
    }
    return try decode(table, file: file)
  }

  /// The specs of a machine, by name, and everything that is wrong in the files. What is wrong in one file
  /// leaves the others in force.
  package static func all(
    _ source: ConfigurationSource
  ) -> (specs: [RuntimeSpec], problems: [ConfigurationProblem]) {
    var specs: [RuntimeSpec] = []
    var problems: [ConfigurationProblem] = []
    do throws(ConfigurationFailure) {
      for (path, table) in try ConfigurationFiles.separate(folder: folder, source) {
        switch table {
        case .success(let table):
          do throws(ConfigurationFailure) {
            specs.append(try decode(table, file: path))
          } catch {
            problems += error.problems
          }
        case .failure(let problem): problems.append(problem)
        }
      }
    } catch {
      problems += error.problems
    }
    return (specs.sorted { $0.name < $1.name }, problems)
  }

  private static func decode(
    _ table: TOMLTable, file: String
  ) throws(ConfigurationFailure) -> RuntimeSpec {
    let name = name(ofFile: file)
    var spec = RuntimeSpec(name: name, file: file)
    var decoder = TableDecoder(isWhole: true)
    decoder.problems = TableDecoder.decode(table, keys, into: &spec, isWhole: true)
    if let problem = RuntimeName.problem(name) {
      decoder.problems.append(ConfigurationProblem(file: file, "'\(name)' is no name: \(problem)"))
    }
    // What is wrong with values together says nothing when one of them is wrong by itself.
    if decoder.problems.isEmpty { spec.check(&decoder) }
    if !decoder.problems.isEmpty { throw ConfigurationFailure(problems: decoder.problems) }
    return spec
  }
}

extension Backend {
  /// The backend of a model without a `command`.
  fileprivate static var tinygradDefault: Backend { all[0] }
  /// The backend of a `command`, without a word of the owner: requests go through unchanged.
  fileprivate static var openAIDefault: Backend { named("openai") ?? all[0] }
}
