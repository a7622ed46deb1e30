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
      gpu.fanRPM = facts.reading(.fan, "fanRPM", base + "/fan1_input").map { Int($0) }
    }
    // Chips without power levels of their own (APUs) report their clocks here, in Hz.
    for number in 1...2 where names.contains("freq\(number)_input") {
      switch facts.tree.textIfPresent(facts.path("\(base)/freq\(number)_label")) {
      case "sclk" where gpu.coreClockHertz == nil:
        gpu.coreClockHertz = hertz(&facts, "coreClockHertz", "\(base)/freq\(number)_input")
      case "mclk" where gpu.memoryClockHertz == nil:
        gpu.memoryClockHertz = hertz(&facts, "memoryClockHertz", "\(base)/freq\(number)_input")
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
      // Microwatts, as everything about power here.
      gpu.powerWatts = attempt.reading(.power, "powerWatts", "\(base)/\(input)", per: 1e6)
      if gpu.powerWatts != nil || index == inputs.count - 1 { facts.absorb(attempt) }
    }
    // Intel's names: the limit the driver keeps, and what the board is rated for.
    func bound(_ file: String) -> Double? {
      names.contains(file)
        ? facts.limit(.power, "powerCap", "\(base)/\(file)", per: 1e6) : nil
    }
    let cap = names.contains("power1_cap") ? "power1_cap" : "power1_max"
    guard names.contains(cap), let watts = bound(cap) else { return }
    var limit = GPU.PowerCap(watts: watts)
    if cap == "power1_cap" {
      // 0 is a lowest cap that a card may accept.
      limit.minimumWatts =
        names.contains("power1_cap_min")
        ? facts.reading(.power, "powerCap", "\(base)/power1_cap_min", per: 1e6) : nil
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
      // Thousandths of a degree.
      guard
        let now = facts.reading(.temperature, "temperatures", "\(base)/\(input)", per: 1000)
      else { continue }
      // The numbers of sensors differ between chips; their labels do not.
      var label: String?
      if names.contains("\(sensor)_label") {
        label = facts.text("temperatures", "\(base)/\(sensor)_label")
      }
      var temperature = Temperature(label: label ?? String(sensor), celsius: now)
      if names.contains("\(sensor)_crit") {
        temperature.criticalCelsius = facts.limit(
          .temperature, "temperatures", "\(base)/\(sensor)_crit", per: 1000)
      }
      gpu.temperatures.append(temperature)
    }
    if !gpu.temperatures.isEmpty { facts.note("temperatures", source: facts.path(base)) }
  }

  private static func hertz(_ facts: inout FactReader, _ fact: String, _ file: String) -> Int? {
    facts.reading(.clock, fact, file).map { Int($0) }
  }
}
