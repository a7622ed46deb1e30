internal import Base
internal import Configuration

/// What `[power]` of the answers asks for, held against the cards and the rest of the configuration: the file that
/// says it to the placement, and what is set now. Pure.
struct PowerWishes {
  /// The file. The owner's own is never written; this one is set-up's, and made anew with other answers.
  static let file = "/etc/tinybox/tinybox.toml.d/50-setup-power.toml"

  /// Its text.
  private(set) var text = ""
  /// What is set now: what is right already, and what another program owns, is not among it.
  private(set) var settings: [SetupPower.Setting] = []
  /// What each of them is before.
  private(set) var before: [SetupPower.Setting] = []
  /// What is done, in words.
  private(set) var steps: [String] = []

  /// - Throws: `Failure` with everything that stands in the way. Then nothing may be written.
  init(_ answers: [SetupAnswers.Power], _ power: SetupPower) throws(Failure) {
    var problems: [String] = []
    if let place = power.observedAt {
      problems.append("'power' at \(place) is \"observe\", so that nothing would be set at a boot")
    }
    let own = answers.filter { $0.address != SetupAnswers.Power.all }
    for (index, wish) in own.enumerated() {
      let name = Self.name(wish.address)
      let card = power.gpus.first { $0.address == name }
      if own[..<index].contains(where: { Self.name($0.address) == name }) {
        problems.append("\(name) is there twice")
      } else if card == nil {
        let known = power.gpus.map(\.address).joined(separator: ", ")
        problems.append(
          "there is no GPU at \(name)" + (known.isEmpty ? "" : "; there are \(known)"))
      } else if wish.persistence != nil, card?.isNVIDIA == false {
        problems.append("\(name) is no GPU of NVIDIA's: only those have a persistence mode")
      }
    }
    let all = answers.first { $0.address == SetupAnswers.Power.all }
    for gpu in power.gpus {
      let wish = own.first { Self.name($0.address) == gpu.address }
      if let watts = wish?.watts ?? all?.watts { cap(gpu, watts.value, &problems) }
      if gpu.isNVIDIA, let mode = wish?.persistence ?? all?.persistence {
        persistence(gpu, mode.value, power.hasPersistenceDaemon, &problems)
      }
    }
    if !problems.isEmpty {
      throw Failure(
        "limit the power of GPUs", because: problems.joined(separator: "\n"),
        hint: "nothing was written; put [power] of the answers or the other file right",
        code: .conflict)
    }
    text = Self.text(all, own)
  }

  private mutating func cap(
    _ gpu: SetupPower.GPU, _ wish: Int, _ problems: inout [String]
  ) {
    guard let watts = gpu.watts else {
      problems.append("\(gpu.address) has no power cap: \(gpu.reason ?? "its driver has none")")
      return
    }
    guard let range = gpu.range else {
      problems.append("\(gpu.address): its driver does not say which caps the card takes")
      return
    }
    if !range.contains(Double(wish)) {
      problems.append(
        "\(gpu.address) takes \(Units.short(range.lowerBound)) to \(Units.short(range.upperBound)) W, not \(wish) W"
      )
    }
    if let other = gpu.configuredWatts, other.value != wish {
      problems.append(
        "\(gpu.address) is to have \(wish) W by [power], and \(other.value) W at \(other.place)")
    }
    if watts == "\(wish)" { return }
    set(gpu) {
      $0.watts = "\(wish)"
    } before: {
      $0.watts = watts
    }
    steps.append("limit \(gpu.address) to \(wish) W, now \(watts) W")
  }

  private mutating func persistence(
    _ gpu: SetupPower.GPU, _ wish: Bool, _ hasDaemon: Bool?, _ problems: inout [String]
  ) {
    if let other = gpu.configuredPersistence, other.value != wish {
      problems.append(
        "\(gpu.address) is to have persistence = \(wish) by [power], and \(other.value) at \(other.place)"
      )
    }
    // The daemon is the better owner: it needs no process of root's, and no boot forgets it.
    if hasDaemon == true { return }
    guard let mode = gpu.isPersistent else {
      problems.append(
        "\(gpu.address): its persistence mode is not known: \(gpu.reason ?? "its driver has none")")
      return
    }
    if mode == wish { return }
    set(gpu) {
      $0.persistence = wish
    } before: {
      $0.persistence = mode
    }
    steps.append("turn the persistence mode of \(gpu.address) \(wish ? "on" : "off")")
  }

  private mutating func set(
    _ gpu: SetupPower.GPU, _ body: (inout SetupPower.Setting) -> Void,
    before: (inout SetupPower.Setting) -> Void
  ) {
    if settings.last?.address != gpu.address {
      settings.append(.init(address: gpu.address))
      self.before.append(.init(address: gpu.address))
    }
    body(&settings[settings.count - 1])
    before(&self.before[self.before.count - 1])
  }

  /// The address as sysfs writes it.
  private static func name(_ address: String) -> String {
    PCIAddress(address).map(\.description) ?? address
  }

  private static func text(_ all: SetupAnswers.Power?, _ own: [SetupAnswers.Power]) -> String {
    var lines = [
      "# [power] of the answers, by 'tinyboxctl setup'. It is written anew with other answers: what is your own",
      "# belongs in another file.", "[placement]", "power = \"enforce\"",
    ]
    func table(_ name: String, _ power: SetupAnswers.Power) {
      lines += ["", "[placement.\(name)]"]
      if let watts = power.watts { lines.append("power-cap = \(watts.value)") }
      if let mode = power.persistence { lines.append("persistence = \(mode.value)") }
    }
    if let all { table("gpu", all) }
    for power in own { table("device.\"\(name(power.address))\"", power) }
    return lines.map { $0 + "\n" }.joined()
  }

  // MARK: reading back

  /// What of the answers does not hold, and what does, in words.
  static func judge(
    _ answers: [SetupAnswers.Power], _ power: SetupPower
  ) -> (held: [String], missing: [String]) {
    var (held, missing): ([String], [String]) = ([], [])
    let all = answers.first { $0.address == SetupAnswers.Power.all }
    for gpu in power.gpus {
      let wish = answers.first { name($0.address) == gpu.address }
      if let watts = (wish?.watts ?? all?.watts)?.value {
        if gpu.watts == "\(watts)" {
          held.append("\(gpu.address): at most \(watts) W")
        } else {
          missing.append(
            "\(gpu.address) has " + (gpu.watts.map { "\($0) W" } ?? "a cap that is not known")
              + ", not \(watts) W")
        }
      }
      guard gpu.isNVIDIA, let mode = (wish?.persistence ?? all?.persistence)?.value else {
        continue
      }
      let word = mode ? "on" : "off"
      if power.hasPersistenceDaemon == true {
        held.append(
          "\(gpu.address): nvidia-persistenced runs and sets the persistence mode: nothing to do")
      } else if gpu.isPersistent == mode {
        held.append("\(gpu.address): persistence mode \(word)")
      } else {
        missing.append("\(gpu.address): the persistence mode is not \(word)")
      }
    }
    return (held, missing)
  }
}

extension SetupPower.Setting {
  /// Settings as the intent keeps them: a line for each.
  static func text(_ settings: [Self]) -> String {
    settings.map { setting in
      "\(setting.address) \(setting.watts ?? "-") \(setting.persistence.map { $0 ? "on" : "off" } ?? "-")"
    }.joined(separator: "\n")
  }

  /// The settings in such a text.
  static func parse(_ text: String) -> [Self] {
    text.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ").map(String.init)
      guard words.count == 3 else { return nil }
      return Self(
        address: words[0], watts: words[1] == "-" ? nil : words[1],
        persistence: words[2] == "-" ? nil : words[2] == "on")
    }
  }
}
