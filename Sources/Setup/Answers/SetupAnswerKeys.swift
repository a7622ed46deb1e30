internal import Base
package import Configuration
internal import RuntimeCatalog

/// The answers: a row for each key.
extension SetupAnswers {
  /// Every key of a file of answers, but `[box]`.
  package static let keys: [ConfigurationKey<SetupAnswers>] = [
    .init(
      "host-name", .hostName, \.hostName, "The name of the machine, written to `/etc/hostname`."),
    .init(
      "profile", .text, \.profile, default: "\"learn\"",
      """
      What the box should have from now on: `learn` remembers what it has, unless a profile is in force already; the \
      name of a profile that comes with tinybox; or `none`.
      """),
    .table(
      "check", \.check, Check.keys,
      "What must be right before anything is changed. A check that fails stops set-up."),
    .table("network", \.network, Network.keys, "The network is looked at, and not configured."),
    .table("ssh", \.ssh, SSH.keys, "Who may log in. Keys are only ever added."),
    .table(
      "storage", \.storage, Storage.keys,
      "Drives for models and data. Without it no drive is touched.", check: Storage.check),
    .table("driver", \.driver, Driver.keys, "Drivers of GPUs are looked at, and not installed."),
    .table(
      "runtime", \.runtime, Runtime.keys, "The runtime of models, as `tinyboxctl runtime install`."),
    .table(
      "model", \.model, Model.keys, "A model, and a runtime that answers for it.",
      check: Model.check),
    .table("baseline", \.baseline, Baseline.keys, "The first measurement."),
    .tables(
      "power", by: "PCI address", \.power, Power.keys,
      "The most power of a GPU, written to `\(PowerWishes.file)`. `[power.all]` is about all GPUs; a GPU's own table comes before it, key by key.",
      make: { Power(address: $0, position: $1) }, check: Power.check),
  ]
}

extension SetupAnswers.Check {
  static let keys: [ConfigurationKey<Self>] = [
    .init(
      "gpus", .number(0...64), \.gpus,
      "How many GPUs there must be; without it, at least one."),
    .init(
      "accept", .list(of: .text, such: #"["nvme-wear"]"#), \.accept, default: "[]",
      "Checks that may fail, by the ids of `tinyboxctl check --all`."),
  ]
}

extension SetupAnswers.Network {
  static let keys: [ConfigurationKey<Self>] = [
    .init(
      "required", .flag, \.required, default: "false",
      "Whether set-up stops without a default route also where nothing has to be fetched."),
    .init(
      "names", .list(of: .dnsName, such: #"["pypi.org"]"#), \.names, default: "[]",
      "Names that must have an address, beside those of what is fetched."),
  ]
}

extension SetupAnswers.SSH {
  static let keys: [ConfigurationKey<Self>] = [
    .init(
      "keys", .list(of: .publicKey, such: #"["ssh-ed25519 AAAA... you@laptop"]"#), \.keys,
      default: "[]", "Public keys, added to `/root/.ssh/authorized_keys`. None is ever removed."),
    .init(
      "console-only", .flag, \.consoleOnly, default: "false",
      "Set-up goes on where no account has a password and no key would be taken."),
  ]
}

extension SetupAnswers.Storage {
  static let keys: [ConfigurationKey<Self>] = [
    .init(
      "drives", .list(of: .serial, such: #"["S6Z2NF0W123456"]"#), \.drives, default: "[]",
      "1 to \(mostDrives) drives, by serial number or WWID."),
    .init(
      "layout", .word(), \.layout,
      """
      `plain` for one drive, `mirror` or `raid0` for several. A dead drive of `raid0` loses all; an array ends \
      transfers from drive to GPU.
      """),
    .init("file-system", .word(), \.fileSystem, default: "\"ext4\"", "What is made on them."),
    .init("mount", .absolutePath, \.mount, "Where it is mounted."),
    .init(
      "erase", .list(of: .serial, such: #"["S6Z2NF0W123456"]"#), \.erase, default: "[]",
      "Drives of `drives` that may be erased whatever they hold. Others are used only when they are proven blank."
    ),
  ]

  static func check(_ decoder: inout TableDecoder, _ storage: Self, _ path: String) {
    let names = storage.drives.map(\.value)
    for (index, drive) in storage.drives.enumerated() where names[..<index].contains(drive.value) {
      decoder.note(drive.position, path + ".drives", "'\(drive.value)' is there twice")
    }
    for drive in storage.erase where !names.contains(drive.value) && decoder.isWhole {
      let hint = NearestWord.find(drive.value, in: names).map { "; did you mean '\($0)'?" } ?? ""
      decoder.note(
        drive.position, path + ".erase", "'\(drive.value)' is not one of 'drives'" + hint)
    }
    if names.count > mostDrives {
      decoder.note(
        storage.drives[mostDrives].position, path + ".drives", "more than \(mostDrives) drives")
    }
    guard decoder.isWhole, decoder.hasNothingWrong(path) else { return }
    if names.isEmpty {
      let position =
        storage.layout?.position ?? storage.fileSystem?.position ?? storage.mount?.position
      decoder.note(position, path, "has no effect without 'drives'")
      return
    }
    switch storage.layout?.value {
    case .mirror, .raid0:
      if names.count < 2 {
        decoder.note(storage.layout?.position, path + ".layout", "needs at least two drives")
      }
    case nil, .plain:
      if names.count > 1 {
        decoder.note(
          storage.drives[1].position, path + ".drives",
          "\(names.count) drives need layout = \"mirror\" or \"raid0\"")
      }
    }
  }
}

extension SetupAnswers.Driver {
  static let keys: [ConfigurationKey<Self>] = [
    .init(
      "missing", .word(), \.missing, default: "\"stop\"",
      "Whether set-up stops where a GPU has no driver that models can use, or only reports it.")
  ]
}

extension SetupAnswers.Runtime {
  static let keys: [ConfigurationKey<Self>] = [
    .init(
      "install", .flag, \.install,
      "Whether the runtime is installed; without it, where a model is given."),
    .init(
      "wheels", .absolutePath, \.wheels, "A folder with its wheel, in place of PyPI."),
  ]
}

extension SetupAnswers.Model {
  static let keys: [ConfigurationKey<Self>] = [
    .init(
      "source", .modelSource, \.source,
      "A file of this machine, an https address, or `hf:OWNER/REPO/FILE`."),
    .init("name", .text, \.name, "Its name; without it that of its file."),
    .init("sha256", .sha256, \.sha256, "The SHA-256 that its file must have."),
    .init(
      "runtime", .text, \.runtime, default: "\"model\"",
      "The name of the runtime that answers for it: what clients call `model`."),
    .init(
      "gpus", .number(0...64), \.gpus, default: "0",
      "How many GPUs the runtime has; 0 is the CPUs."),
    .init(
      "context", .number(1...RuntimeInstance.longestContext), \.context,
      "Tokens of prompt and answer together."),
    .init(
      "on-demand", .flag, \.onDemand, default: "false",
      "Whether the runtime starts with the first request."),
  ]

  static func check(_ decoder: inout TableDecoder, _ model: Self, _ path: String) {
    if let name = model.name, let problem = RuntimeName.modelProblem(name.value) {
      decoder.note(name.position, path + ".name", problem)
    }
    if let runtime = model.runtime, let problem = RuntimeName.problem(runtime.value) {
      decoder.note(runtime.position, path + ".runtime", problem)
    }
    guard decoder.isWhole, model.source == nil else {
      if decoder.isWhole, let source = model.source, model.name == nil, model.modelName == nil {
        decoder.note(source.position, path, "needs 'name': the file gives the model no name")
      }
      return
    }
    let positions = [
      model.name?.position, model.sha256?.position, model.runtime?.position, model.gpus?.position,
      model.context?.position, model.onDemand?.position,
    ]
    decoder.note(positions.lazy.compactMap { $0 }.first, path, "needs 'source'")
  }
}

extension SetupAnswers.Baseline {
  static let keys: [ConfigurationKey<Self>] = [
    .init(
      "run", .word(), \.run, default: "\"quick\"",
      "`quick` runs `tinyboxctl benchmark run --quick` once; `none` does not."),
    .init(
      "full", .flag, \.full, default: "false",
      "Whether everything is measured in the first night in which nobody uses the machine, and every week from then on: it enables `tinybox-benchmark.timer`."
    ),
  ]
}

extension SetupAnswers.Power {
  /// Watts that a card may be asked for: the highest board power of a card with one connector of 600 W.
  private static let wattRange = 1...1000

  static let keys: [ConfigurationKey<Self>] = [
    .init(
      "watts", .number(wattRange), \.watts,
      "The most that it may draw, watts: within what the card takes."),
    .init(
      "persistence", .flag, \.persistence,
      "Whether NVIDIA's driver keeps it initialised while nobody uses it; `all` is about NVIDIA's GPUs."
    ),
  ]

  static func check(_ decoder: inout TableDecoder, _ power: Self, _ path: String) {
    if power.address != all, PCIAddress(power.address) == nil {
      decoder.note(
        power.position, path,
        "'\(power.address)' is no PCI address such as 0000:c1:00.0, and not '\(all)'")
    } else if decoder.isWhole, power.watts == nil, power.persistence == nil,
      decoder.hasNothingWrong(path)
    {
      decoder.note(power.position, path, "needs 'watts' or 'persistence'")
    }
  }
}

extension TableDecoder {
  /// Whether nothing in a table is wrong by itself: only then its values together say something.
  fileprivate func hasNothingWrong(_ path: String) -> Bool {
    !problems.contains { $0.key?.hasPrefix(path + ".") == true }
  }
}
