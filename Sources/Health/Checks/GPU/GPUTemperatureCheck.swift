internal import Base
internal import Inventory

/// Whether a GPU is about to slow down or switch off for heat.
enum GPUTemperatureCheck: Check {
  static let info = CheckInfo(
    id: "gpu-temperature",
    title: "Temperature of the GPUs",
    area: .gpu,
    harm: .largeLoss,
    why: """
      At its critical temperature a GPU lowers its clocks to a fraction, or switches off and \
      falls off the bus. Each sensor is held against its own limit: the hot spot (junction) and \
      the memory are far hotter than the edge of the chip. An idle reading says little: look \
      with --live while a load runs.
      """,
    reads: [
      "gpus[ADDRESS].temperatures (hwmon temp*_input, temp*_crit; NVML)",
      "samples under load, with --live",
    ],
    verdicts: [
      .pass: "every sensor is more than 5 °C below its critical temperature",
      .warn: "one is within 5 °C",
      .fail: "one is at it or above",
      .notApplicable: "the driver reports no temperatures, or no limits",
      .unknown: "a sensor or its limit could not be read",
    ],
    fix: "Fans, filters, intake air; a slot's gap between cards; a lower power cap.",
    risk: "Those of opening the machine.",
    sources: [
      "kernel: Documentation/gpu/amdgpu/thermal.rst: edge, junction, mem, each with crit",
      "NVML: nvmlDeviceGetTemperatureThreshold, slowdown",
    ],
    needs: [.pci, .gpus], usesSamples: true)

  private static let margin = 5.0

  static func evaluate(_ box: Box) -> [Finding] { eachGPU(box) { judge(box, $0) } }

  private static func judge(_ box: Box, _ gpu: GPU) -> Finding {
    let subject = box.subject(gpu.address)
    let file = "hwmon/hwmon*/temp*_input"
    if gpu.temperatures.isEmpty {
      return absent(box, gpu, "temperatures", "temperature", file: file)
    }
    let hottest = box.samples?.gpus.first { $0.address == gpu.address }?.highestCelsius ?? [:]
    let sensors = gpu.temperatures.map { sensor in
      let celsius = max(sensor.celsius, hottest[sensor.label] ?? sensor.celsius)
      let margin = (sensor.criticalCelsius ?? .infinity) - celsius
      return (sensor: sensor, celsius: celsius, margin: margin)
    }
    let readings = sensors.map { reading in
      let limit = reading.sensor.criticalCelsius.map { " of \(Text.tenths($0))" } ?? ""
      return "\(reading.sensor.label) \(Text.tenths(reading.celsius))\(limit) °C"
    }
    let evidence = [
      evidence(gpu, "temperatures", readings.joined(separator: ", "), file: file)
    ]
    guard let closest = sensors.min(by: { $0.margin < $1.margin }), closest.margin.isFinite else {
      return notApplicable("its driver reports no limit", subject, evidence: evidence)
    }
    if closest.margin < margin {
      let limit = Text.tenths(closest.sensor.criticalCelsius ?? 0)
      let now = Text.tenths(closest.celsius)
      let text = "\(closest.sensor.label) at \(now) °C, critical at \(limit)"
      let advice = [
        Advice(
          "check fans, filters and intake air; until then a lower power cap",
          risk: "those of opening the machine")
      ]
      let consequence = "at the limit its clocks fall to a fraction, beyond it switches off"
      return closest.margin <= 0
        ? fail(text, subject, evidence: evidence, consequence: consequence, advice: advice)
        : warn(text, subject, evidence: evidence, consequence: consequence, advice: advice)
    }
    let isWhole =
      sensors.allSatisfy { $0.margin.isFinite }
      && !gpu.unknown.contains { $0.fact == "temperatures" }
    if !isWhole {
      return unknown(
        "a sensor or its limit not known", subject,
        evidence: evidence + [missing(gpu, "temperatures", file: "hwmon/hwmon*/temp*_crit")])
    }
    return pass(
      "\(Text.tenths(closest.margin)) °C below critical", subject, evidence: evidence)
  }
}
