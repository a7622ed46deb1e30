import ArgumentParser
import Configuration
import Gateway
import HTTPService
import Linux
import Systemd
import TLS
import Version

@main
struct TinyboxGateway: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tinybox-gateway",
    abstract: "Dashboard, API and metrics of tinyboxd, and hosted models, on the network.",
    discussion: """
      Reads [gateway] of /etc/tinybox/tinybox.toml, serves what tinyboxd reports to group tinybox, for \
      reading only, and answers for hosted models below /v1. On a loopback address everybody on the \
      machine may; on any other every request needs a token of 'tinyboxctl token create'. Without \
      tls-certificate and tls-key tokens travel in clear. SIGHUP reads settings, certificates and keys \
      again.
      """,
    version: Version.line(of: "tinybox-gateway"))

  @Option(
    help: ArgumentHelp("The socket of tinyboxd.", valueName: "path"), completion: .file())
  var socket: String?
  @Option(
    help: ArgumentHelp("A configuration in place of the machine's.", valueName: "file"),
    completion: .file(extensions: ["toml"]))
  var config: String?
  @Option(help: ArgumentHelp("The file of tokens.", valueName: "file"), completion: .file())
  var tokens: String?
  @Option(
    help: ArgumentHelp(
      "The registry of hosted runtimes, whose sockets are in the same folder.", valueName: "file"),
    completion: .file())
  var runtimes: String?
  @Option(
    help: ArgumentHelp(
      "Listen here in place of what the configuration says; may be given several times.",
      valueName: "address:port"),
    transform: { text in
      guard let address = ListenAddress(text) else {
        throw ValidationError("'\(text)' is no address with a port, such as 127.0.0.1:8686")
      }
      return address
    })
  var listen: [ListenAddress] = []

  static func main() { main(ProgramArguments.all) }

  func run() throws {
    // Before any thread is made: later ones inherit what is blocked.
    let signals = try SignalReader()
    var options = GatewayOptions()
    options.socket = socket ?? options.socket
    options.configuration = config
    options.tokens = tokens ?? options.tokens
    if let runtimes {
      options.runtimes = runtimes
      options.runtimeSockets = runtimes.lastIndex(of: "/").map { String(runtimes[..<$0]) } ?? "."
    }
    options.listen = listen
    let program = GatewayProgram(
      options, manager: ServiceManager(), encryption: TLS()
    ) { line in
      try? Terminal.write("tinybox-gateway: \(line)\n", to: 2)
    }
    let (stream, arrived) = AsyncStream.makeStream(of: Int32.self)
    WorkerPool.task {
      let status = await program.run(signals: stream)
      TinyboxGateway.exit(withError: status == 0 ? nil : ExitCode(status))
    }
    while true {
      if let signal = signals.wait() { arrived.yield(signal) }
    }
  }
}
