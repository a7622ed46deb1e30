internal import Base
internal import KernelTree

/// Sensors of a GPU, from the hardware monitor below its own device folder.
enum HwmonFacts {
  static func read(_ gpu: inout GPU, _ facts: inout FactReader) {
    let folders: [String]
    let names: Set<String>
    let base: String
    do throws(ReadFailure) {
      folders = try facts.tree.names(facts.path("hwmon"))
      guard let first = folders.first(where: { $0.hasPrefix("hwmon") }) else { return }
      base = "hwmon/" + first
      names = Set(try facts.tree.source.entries(facts.path(base)))
    } catch {
      return facts.note("temperatures", error)
    }
    readPower(&gpu, &facts, base, names)
    readTemperatures(&gpu, &facts, base, names)
    if names.contains("fan1_input") {
      gpu.fanRPM = facts.decimal("fanRPM", base + "/fan1_input")
    }
    // Chips without power levels of their own (APUs) tell their clocks here, in Hz.
    for number in 1...2 where names.contains("freq\(number)_input") {
      switch facts.tree.textIfPresent(facts.path("\(base)/freq\(number)_label")) {
      case "sclk" where gpu.coreClockHertz == nil:
        gpu.coreClockHertz = facts.decimal("coreClockHertz", "\(base)/freq\(number)_input")
      case "mclk" where gpu.memoryClockHertz == nil:
        gpu.memoryClockHertz = facts.decimal("memoryClockHertz", "\(base)/freq\(number)_input")
      default: break
      }
    }
  }

  private static func readPower(
    _ gpu: inout GPU, _ facts: inout FactReader, _ base: String, _ names: Set<String>
  ) {
    // Which of the two there is depends on the chip and the kernel. Where both are, the average
    // is the one that does not jump.
    let inputs = ["power1_average", "power1_input"].filter(names.contains)
    for (index, input) in inputs.enumerated() where gpu.powerWatts == nil {
      var attempt = FactReader(
        facts.tree, base: facts.base, recordSources: facts.sources != nil)
      gpu.powerWatts = watts(&attempt, "powerWatts", "\(base)/\(input)")
      if gpu.powerWatts != nil || index == inputs.count - 1 { facts.absorb(attempt) }
    }
    // Intel's names: the limit the driver keeps, and what the board is rated for.
    let cap = names.contains("power1_cap") ? "power1_cap" : "power1_max"
    guard names.contains(cap), let watts = watts(&facts, "powerCap", "\(base)/\(cap)")
    else { return }
    var limit = GPU.PowerCap(watts: watts)
    func bound(_ file: String) -> Double? {
      names.contains(file) ? self.watts(&facts, "powerCap", "\(base)/\(file)") : nil
    }
    if cap == "power1_cap" {
      limit.minimumWatts = bound("power1_cap_min")
      limit.maximumWatts = bound("power1_cap_max")
      limit.defaultWatts = bound("power1_cap_default")
    } else {
      limit.defaultWatts = bound("power1_rated_max")
    }
    facts.note("powerCap", source: facts.path("\(base)/\(cap)"))
    gpu.powerCap = limit
  }

  private static func readTemperatures(
    _ gpu: inout GPU, _ facts: inout FactReader, _ base: String, _ names: Set<String>
  ) {
    let inputs = names.filter { $0.hasPrefix("temp") && $0.hasSuffix("_input") }
      .sorted(by: NaturalOrder.precedes)
    for input in inputs {
      let sensor = input.dropLast(6)
      guard let now = celsius(&facts, "\(base)/\(input)") else { continue }
      // The numbers of sensors differ between chips; their labels do not.
      var label: String?
      if names.contains("\(sensor)_label") {
        label = facts.text("temperatures", "\(base)/\(sensor)_label")
      }
      var temperature = Temperature(label: label ?? String(sensor), celsius: now)
      if names.contains("\(sensor)_crit") {
        temperature.criticalCelsius = celsius(&facts, "\(base)/\(sensor)_crit")
      }
      gpu.temperatures.append(temperature)
    }
    if !gpu.temperatures.isEmpty { facts.note("temperatures", source: facts.path(base)) }
  }

  private static func watts(
    _ facts: inout FactReader, _ fact: String, _ file: String
  ) -> Double? {
    // Microwatts.
    facts.decimal(fact, file).map { Double($0) / 1e6 }
  }

  private static func celsius(_ facts: inout FactReader, _ file: String) -> Double? {
    // Thousandths of a degree.
    facts.decimal("temperatures", file).map { Double($0) / 1000 }
  }
}
