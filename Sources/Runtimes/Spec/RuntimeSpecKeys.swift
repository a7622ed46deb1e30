internal import Base
package import Configuration
internal import RuntimeCatalog

/// `/etc/tinybox/runtimes/NAME.toml`: a row for each key.
extension RuntimeSpec {
  package static let keys: [ConfigurationKey<RuntimeSpec>] = [
    .init(
      "kind", .word(), \.kind, default: "\"service\"",
      "`service` answers requests; `job` works until it is done (training, a batch), and is resumed after a crash."
    ),
    .init("model", .modelName, \.model, "A model of `tinyboxctl model list`."),
    .init(
      "command", .list(of: .argument, such: #"["/usr/bin/llama-server", "-m", "{model}"]"#),
      \.command, default: "[]",
      """
      A program with its arguments, in place of tinygrad. Replaced are \
      \(placeholders.map { "`{\($0)}`" }.joined(separator: ", ")).
      """),
    .init(
      "backend", .choice(Backend.all.map(\.key)), \.backendKey,
      """
      Which differences from OpenAI's interface the gateway makes up for. Without it, those of tinygrad, or with \
      `command` none (`openai`).
      """),
    .init(
      "endpoint", .word(), \.endpoint, default: "\"tcp\"",
      "Where `command` listens: port \(Backend.port) of 127.0.0.1 in a network of its own (`tcp`), or the Unix socket `{socket}`."
    ),
    .init(
      "apis", .list(of: .word(), such: #"["chat"]"#), \.apis,
      default: "[]", "What it serves; without it, what its backend does: tinygrad, chat."),
    .init(
      "gpus", .gpus, \.gpus, default: "0",
      "The GPUs it has, by PCI address, or how many: free ones, of one NUMA node where there are."),
    .init(
      "context", .number(1...RuntimeInstance.longestContext), \.context,
      "Tokens of prompt and answer together: 4096 for tinygrad, else the model's."),
    .init(
      "slots", .number(1...RuntimeInstance.mostSlots), \.slots, default: "1",
      "Requests it works on at once. tinygrad works on one."),
    .init(
      "on-demand", .flag, \.onDemand, default: "false",
      "Whether it starts with the first request, and stops when there was none for `idle`."),
    .init(
      "idle", .time(10...604_800, "from 10s to 7d"), \.idle, default: "\"20m\"",
      "The time without a request after which a runtime on demand stops."),
    .init(
      "memory", .size((64 << 20)...(1 << 50), "from 64M to 1024T"), \.memory,
      "The most main memory it may use. Without it, enough for the model and 4 GiB more; without a model, three quarters of the memory of its nodes."
    ),
    .init(
      "memory-nodes", .nodes, \.memoryNodes,
      """
      NUMA nodes over which its memory is interleaved, for a model on CPUs that is larger than a node. Without it, \
      memory is that of the node of its GPUs.
      """),
    .init(
      "threads", .number(1...4096), \.threads,
      "Threads of a runtime on CPUs; without it, one for each core it may use."),
    .init(
      "environment", .environment, \.environment, default: "{}",
      "Variables of its environment."),
  ]

  /// What is replaced in a command.
  static let placeholders = ["model", "context", "port", "socket", "slots", "threads"]

  /// Notes what is wrong with values together.
  func check(_ decoder: inout TableDecoder) {
    if model == nil, command.isEmpty {
      decoder.problems.append(ConfigurationProblem(file: file, "needs 'model' or 'command'"))
    }
    checkCommand(&decoder)
    checkKind(&decoder)
    if let idle, onDemand?.value != true {
      decoder.note(idle.position, "idle", "has no effect without on-demand = true")
    }
    if let slots, slots.value > 1, command.isEmpty {
      decoder.note(slots.position, "slots", "tinygrad works on one request at a time")
    }
    if let first = command.first, servedAPIs.isEmpty, kind == .service {
      decoder.note(first.position, "command", "needs 'apis': what it serves is not known")
    }
    var names: Set<String> = []
    for variable in environment {
      let reserved =
        Self.reservedVariables + (command.isEmpty ? backend.environment.map(\.name) : [])
      let path = "environment." + TOMLTable.quoted(variable.value.name)
      if reserved.contains(variable.value.name) {
        decoder.note(variable.position, path, "is set by tinybox")
      } else if !names.insert(variable.value.name).inserted {
        decoder.note(variable.position, path, "is there twice")
      }
    }
    let apis = apis.map(\.value)
    if let twice = self.apis.enumerated().first(where: {
      apis[..<$0.offset].contains($0.element.value)
    }) {
      decoder.note(
        twice.element.position, "apis", "'\(twice.element.value.rawValue)' is there twice")
    }
  }

  /// Variables that decide which devices and files it has.
  private static let reservedVariables = ["TINYBOX_MODELS", "TINYBOX_GPUS", "HCQ_VISIBLE_DEVICES"]

  private func checkCommand(_ decoder: inout TableDecoder) {
    guard let program = command.first else {
      if let backendKey, backend.command == nil {
        decoder.note(backendKey.position, "backend", "'\(backendKey.value)' needs 'command'")
      }
      if let endpoint, endpoint.value == .unix {
        decoder.note(endpoint.position, "endpoint", "tinygrad listens on a port; leave it out")
      }
      return
    }
    if let backendKey, backend.command != nil {
      decoder.note(
        backendKey.position, "backend",
        "'\(backendKey.value)' has a command of its own: leave 'command' out")
    }
    if !program.value.hasPrefix("/") {
      decoder.note(
        program.position, "command", "'\(program.value)' is no absolute path of a program")
    }
    for argument in command {
      for name in RuntimeCommand.placeholders(in: argument.value) {
        if let problem = placeholderProblem(name) {
          decoder.note(argument.position, "command", problem)
        }
      }
    }
    if endpoint?.value == .unix, let endpoint,
      !command.contains(where: { $0.value.contains("{socket}") })
    {
      decoder.note(endpoint.position, "endpoint", "needs {socket} in 'command'")
    }
  }

  /// Why a placeholder cannot be replaced; nil when it can.
  private func placeholderProblem(_ name: String) -> String? {
    guard Self.placeholders.contains(name) else {
      let hint =
        NearestWord.find(name, in: Self.placeholders).map { "did you mean {\($0)}?" }
        ?? "known are " + Self.placeholders.map { "{\($0)}" }.joined(separator: ", ")
      return "there is no {\(name)}; \(hint)"
    }
    switch name {
    case "model" where model == nil: return "{model} needs 'model'"
    case "context" where model == nil && context == nil: return "{context} needs 'context'"
    case "socket" where endpoint?.value != .unix: return "{socket} needs endpoint = \"unix\""
    case "port" where endpoint?.value == .unix: return "{port} needs endpoint = \"tcp\""
    default: return nil
    }
  }

  private func checkKind(_ decoder: inout TableDecoder) {
    guard kind == .job else { return }
    if command.isEmpty {
      decoder.problems.append(ConfigurationProblem(file: file, "a job needs 'command'"))
    }
    let onlyOfServices = [
      ("apis", apis.first?.position), ("endpoint", endpoint?.position), ("slots", slots?.position),
      ("on-demand", onDemand?.position), ("idle", idle?.position),
      ("backend", backendKey?.position),
    ]
    for (key, position) in onlyOfServices where position != nil {
      decoder.note(position, key, "is for services: a job answers no requests")
    }
  }
}
