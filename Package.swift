// swift-tools-version: 6.2
import PackageDescription

/// Settings of every Swift target of ours: language mode 6, warnings are errors,
/// imports stop at the file that needs them.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]
/// For the targets that call C: each unsafe expression must say so.
let wrapper = strict + [.strictMemorySafety()]

/// The commit that is built, for `--version`; empty where this is no Git checkout.
let commit =
  Context.gitInformation.map { git in
    git.currentCommit.prefix(12) + (git.hasUncommittedChanges ? "+" : "")
  } ?? ""

// MARK: The order

/// The targets so far, from the ground up.
var targets: [Target] = []

/// Declares a target on top of those before it: one that depends on what is declared below it, or
/// nowhere, stops the build. (SwiftPM itself only refuses circles.)
@MainActor func declare(_ target: Target) {
  for case .byNameItem(let name, _) in target.dependencies
  where !targets.contains(where: { $0.name == name }) {
    fatalError("Package.swift: \(target.name) depends on \(name), which is not declared above it")
  }
  targets.append(target)
}

/// A C module: headers and loaders.
@MainActor func c(
  _ name: String, on dependencies: [Target.Dependency] = [], path: String? = nil,
  settings: [CSetting] = [], links libraries: [String] = []
) {
  declare(
    .target(
      name: name, dependencies: dependencies, path: path ?? "Sources/C/\(name)",
      cSettings: settings, linkerSettings: libraries.map { .linkedLibrary($0) }))
}

/// The headers of a library that is linked.
@MainActor func library(_ name: String, pkgConfig: String, package: String) {
  declare(
    .systemLibrary(
      name: name, path: "Sources/C/\(name)", pkgConfig: pkgConfig,
      providers: [.apt([package])]))
}

/// A Swift module.
@MainActor func module(
  _ name: String, on dependencies: [Target.Dependency] = [], path: String? = nil,
  callsC: Bool = false, exclude: [String] = [], resources: [Resource] = []
) {
  declare(
    .target(
      name: name, dependencies: dependencies, path: path, exclude: exclude, resources: resources,
      swiftSettings: callsC ? wrapper : strict))
}

@MainActor func program(_ name: String, on dependencies: [Target.Dependency]) {
  declare(.executableTarget(name: name, dependencies: dependencies, swiftSettings: strict))
}

@MainActor func tests(
  _ name: String, on dependencies: [Target.Dependency], exclude: [String] = []
) {
  declare(
    .testTarget(
      name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict))
}

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")
/// A package that others need and we do not: named so that its version can be, built for no platform of
/// ours.
func pinned(_ name: String, _ package: String) -> Target.Dependency {
  .product(name: name, package: package, condition: .when(platforms: [.windows]))
}
func nio(_ name: String) -> Target.Dependency { .product(name: name, package: "swift-nio") }

// MARK: The ground: nothing here knows what a machine is

c("CLinux", links: ["dl"])
c("CSystemd", on: ["CLinux"])
c("CAccelerators", on: ["CLinux"])
c("CArchive", links: ["dl"])
c("CLoadKernels")
c("CDigest", links: [":libmd.a"])
c("CVersion", settings: [.define("TINYBOX_COMMIT", to: "\"\(commit)\"")])
library("CNUMA", pkgConfig: "numa", package: "libnuma-dev")
library("CSQLite", pkgConfig: "sqlite3", package: "libsqlite3-dev")

// The one line with the version, and the commit.
module("Version", on: ["CVersion"], callsC: true)
// Values and texts.
module("Base", callsC: true)
// Intervals, tests, change points, common windows: pure.
module("Statistics")
// Files, locks, poll, signals, clocks, the terminal, what the kernel tells, sockets.
module("Linux", on: ["Base", "CLinux", "CDigest"], callsC: true)
// The bus, units, the service protocol, the journal, udev.
module("Systemd", on: ["Base", "Linux", "CLinux", "CSystemd"], callsC: true)
// NVML, HSA, libnuma, ethtool, NVMe.
module("Accelerators", on: ["Base", "Linux", "CLinux", "CAccelerators", "CNUMA"], callsC: true)
// Loads for memory and CPUs, timed: kernels, pinned threads, memory bound to a node.
module("LoadKernels", on: ["Base", "Statistics", "Linux", "CLoadKernels"], callsC: true)
// The files in /etc/tinybox: their format, and the settings of the services.
module("Configuration", on: ["Base", "Linux"])
// Runtimes as the gateway sees them: the registry, and what each backend does otherwise than OpenAI.
module("RuntimeCatalog", on: ["Base"])
// The one seam between tinybox and the kernel: the running one, or a tree in memory.
module("KernelTree", on: ["Base", "Linux", "CLinux"], callsC: true)
// Recorded machines: archives, capture, redaction.
module("Recordings", on: ["Base", "Linux", "KernelTree", "CLinux", "CArchive"], callsC: true)
// Kinds of events, how the journal and the catalog tell them.
module("Events", on: ["Base"])
// OpenAI's interface as the gateway speaks it: requests, errors, streams; who is answered next. Pure.
module("OpenAI", on: ["RuntimeCatalog"])

// MARK: The machine: pure, but for the collectors that read through KernelTree

// The model of the box and the collectors that fill it.
module(
  "Inventory", on: ["Base", "Linux", "Systemd", "Accelerators", "RuntimeCatalog", "KernelTree"])
// Which devices reach each other directly, and what stands in the way.
module("PeerToPeer", on: ["Base", "Inventory"])
// What is measured, against what, under which facts; results, plans of the suites. Pure.
module("Benchmarks", on: ["Base", "Statistics", "RuntimeCatalog", "Inventory"])
// What is wrong and why: checks, what a box should have, known faults.
module(
  "Health", on: ["Base", "RuntimeCatalog", "Inventory", "PeerToPeer", "Benchmarks"],
  resources: [.embedInCode("Advisories/advisories.json"), .embedInCode("Profile/Shipped")])
// What belongs where: the owner's policy, the plan, the ledger of originals.
module("Placement", on: ["Base", "Configuration", "KernelTree", "Inventory", "Benchmarks"])
// Runtimes: models and what their files say, specs, the plan of units. Pure.
module("Runtimes", on: ["Base", "Configuration", "RuntimeCatalog", "Inventory", "Placement"])
// What lies on drives, the state of each, the plan for new storage. Pure.
module("Storage", on: ["Base", "RuntimeCatalog", "Inventory"])
// The first boot: answers of the owner, stages, what is kept of them between two writes. Pure.
module("Setup", on: ["Base", "Configuration", "RuntimeCatalog", "Runtimes"])

// MARK: What changes the machine or the disk

// The only module that changes the machine.
module(
  "Apply",
  on: [
    "Base", "Linux", "Systemd", "Accelerators", "RuntimeCatalog", "KernelTree", "Inventory",
    "Placement", "Runtimes", "Storage", "CLinux",
  ],
  callsC: true)
// Remembers events and benchmarks across restarts and power cuts, with SQLite.
module("History", on: ["Base", "Linux", "Events", "Benchmarks", "CSQLite"], callsC: true)

// MARK: What is shown

// Endpoints, who may use them, problems.
module("API", on: ["Base"])
// What goes over the wire.
module(
  "Documents",
  on: [
    "Base", "Configuration", "RuntimeCatalog", "API", "Events", "Inventory", "PeerToPeer",
    "Health", "Placement",
  ])
// Numbers for Prometheus: facts and findings in, text out.
module(
  "Metrics",
  on: ["Base", "RuntimeCatalog", "KernelTree", "Inventory", "Health", "Placement", "Benchmarks"])
// Terminal tables, trees, the status screen, SVG: inventory and findings in, text out.
module(
  "Render",
  on: [
    "Base", "RuntimeCatalog", "Events", "Inventory", "PeerToPeer", "Health", "Placement",
    "Benchmarks", "Documents",
  ])

// MARK: What can be done with a box

// Whoever asks: read, check, look up, profile, plan, apply, roll back, place. No printing.
module(
  "Operations",
  on: [
    "Base", "Linux", "Systemd", "Configuration", "RuntimeCatalog", "KernelTree", "Recordings",
    "Inventory", "PeerToPeer", "Health", "Placement", "Benchmarks", "Runtimes", "Setup", "Storage",
    "Apply",
  ])

// Makes the measurements: loads memory, CPUs, GPUs, drives and network; leases devices; keeps results.
module(
  "BenchmarkRunner",
  on: [
    "Base", "Statistics", "Linux", "Accelerators", "LoadKernels", "RuntimeCatalog", "KernelTree",
    "OpenAI", "Inventory", "Health", "Benchmarks", "Operations",
  ])

// MARK: The network

// HTTP/1.1 over sockets with every limit a service on a network needs.
module(
  "HTTPService",
  on: [
    "Base", "Linux", nio("NIOCore"), nio("NIOPosix"), nio("NIOHTTP1"),
    pinned("Atomics", "swift-atomics"), pinned("DequeModule", "swift-collections"),
    pinned("SystemPackage", "swift-system"),
  ])
// TLS for it: the gateway's alone.
module(
  "TLS",
  on: [
    "Base", "Linux", "HTTPService", nio("NIOCore"),
    .product(name: "NIOSSL", package: "swift-nio-ssl"),
  ])
// Bearer tokens for the network: made, stored as hashes, checked, revoked.
module("Tokens", on: ["Base", "Linux"])

// MARK: The programs

// tinyboxctl: one file a command, its arguments, what it runs, what it prints.
module(
  "Commands",
  on: [
    "Version", "Base", "Linux", "Systemd", "Configuration", "RuntimeCatalog", "KernelTree",
    "Recordings",
    "Events", "Inventory", "PeerToPeer", "Health", "Placement", "Benchmarks", "Runtimes", "Setup",
    "Apply", "API", "Documents", "Metrics", "Render", "Operations", "Tokens", argumentParser,
  ])
program("tinyboxctl", on: ["Commands"])

// tinybox-benchmark: measures, and keeps what was measured.
program(
  "tinybox-benchmark",
  on: [
    "Version", "Base", "Linux", "LoadKernels", "Configuration", "Inventory", "Health", "Benchmarks",
    "History", "Operations", "BenchmarkRunner", argumentParser,
  ])

// tinyboxd: watches, keeps facts current, checks, reconciles placement, remembers, answers.
module(
  "Daemon",
  on: [
    "Version", "Base", "Linux", "Systemd", "Accelerators", "Configuration", "RuntimeCatalog",
    "KernelTree", "Events", "Inventory", "PeerToPeer", "Health", "Placement", "Runtimes", "Setup",
    "Benchmarks", "Apply", "History", "API", "Documents",
    "Metrics", "Render", "Operations", "HTTPService",
  ])
program("tinyboxd", on: ["Version", "Base", "Linux", "Daemon", argumentParser])

// tinybox-gateway: the only program on the network. Dashboard, metrics, tokens, TLS.
module(
  "Gateway",
  on: [
    "Base", "Linux", "Systemd", "Configuration", "RuntimeCatalog", "OpenAI", "API", "HTTPService",
    "Tokens",
  ],
  resources: [.embedInCode("Dashboard")])
program(
  "tinybox-gateway",
  on: [
    "Version", "Linux", "Systemd", "Configuration", "HTTPService", "TLS", "Gateway", argumentParser,
  ])

// The reference in docs/: commands, JSON, the interface, checks, metrics, settings.
module(
  "Reference",
  on: [
    "Base", "Linux", "Configuration", "Events", "Health", "Runtimes", "Setup", "API", "Metrics",
    "Render", "Operations", "Commands", "Daemon", argumentParser,
  ])
// Writes it. Not installed.
program("tinybox-docs", on: ["Base", "Linux", "Reference", argumentParser])

// MARK: Tests

// What tests share: the project's files and programs, stand-ins, and random numbers with a seed.
module(
  "TestSupport", on: ["Base", "Linux"], path: "Tests/Support", exclude: ["Machines", "Series"])
// libpci's opinion, for a test that compares it with ours. The product does not use libpci.
c("CPCIOracle", path: "Tests/CPCIOracle", links: ["pci"])
// The one family of made-up machines.
module(
  "TestMachines",
  on: [
    "Base", "RuntimeCatalog", "KernelTree", "Inventory", "Health", "Placement", "Benchmarks",
    "Apply", "TestSupport",
  ], path: "Tests/Support/Machines")

// Results of benchmarks over years, with known changes, and how a detector of changes did on them.
module("SimulatedSeries", on: ["Statistics"], path: "Tests/Support/Series")

// Types whose JSON the generator of the reference describes in its tests.
module("ReferenceExamples", on: ["Base"], path: "Tests/ReferenceExamples")

tests("BaseTests", on: ["Base", "TestSupport"])
tests("LinuxTests", on: ["Base", "Linux", "TestSupport"])
tests("SystemdTests", on: ["Base", "Linux", "Systemd", "TestSupport"])
tests(
  "AcceleratorsTests", on: ["Base", "Linux", "Accelerators", "TestSupport"],
  exclude: ["CUDA", "NVML"])
tests(
  "LoadKernelsTests", on: ["Base", "Linux", "LoadKernels", "CLoadKernels", "TestSupport"])
tests("ConfigurationTests", on: ["Base", "Configuration", "KernelTree"])
tests("KernelTreeTests", on: ["Base", "KernelTree"])
tests("RecordingsTests", on: ["Base", "KernelTree", "Recordings", "TestSupport"])
tests("StatisticsTests", on: ["Statistics", "SimulatedSeries", "TestSupport"])
tests("OpenAITests", on: ["RuntimeCatalog", "OpenAI", "TestSupport"])
tests("EventsTests", on: ["Base", "Events", "History", "TestSupport"])
tests("HistoryTests", on: ["Base", "Benchmarks", "History", "TestSupport"])
tests(
  "InventoryTests",
  on: [
    "Base", "Linux", "Systemd", "Accelerators", "RuntimeCatalog", "KernelTree", "Recordings",
    "Inventory", "TestMachines", "TestSupport", "CPCIOracle",
  ])
tests("PeerToPeerTests", on: ["Base", "KernelTree", "Inventory", "PeerToPeer", "TestMachines"])
tests(
  "HealthTests",
  on: [
    "Base", "RuntimeCatalog", "KernelTree", "Recordings", "Inventory", "PeerToPeer",
    "Benchmarks", "Health", "TestSupport", "TestMachines",
  ])
tests(
  "PlacementTests",
  on: [
    "Base", "Linux", "Systemd", "Configuration", "KernelTree", "Recordings", "Inventory",
    "Benchmarks", "Placement", "Apply", "TestMachines", "TestSupport",
  ])
tests(
  "ApplyTests",
  on: [
    "Base", "Linux", "Configuration", "Inventory", "Placement", "Runtimes", "Apply", "TestSupport",
  ])
tests("RuntimeCatalogTests", on: ["Base", "RuntimeCatalog", "TestSupport"])
tests(
  "RuntimesTests",
  on: [
    "Base", "Configuration", "Inventory", "KernelTree", "Placement", "RuntimeCatalog", "Runtimes",
    "TestSupport",
  ])
tests("SetupTests", on: ["Base", "Configuration", "Setup", "TestSupport"])
tests(
  "StorageTests",
  on: [
    "Base", "Linux", "KernelTree", "Configuration", "Inventory", "Setup", "Storage", "Apply",
    "Operations", "TestSupport",
  ])
tests(
  "BenchmarksTests",
  on: ["Base", "RuntimeCatalog", "Inventory", "Benchmarks", "TestMachines", "TestSupport"])
tests(
  "BenchmarkRunnerTests",
  on: [
    "Base", "Linux", "Accelerators", "KernelTree", "LoadKernels", "RuntimeCatalog", "Inventory",
    "Health", "Benchmarks", "History", "Placement", "Operations", "BenchmarkRunner",
    "TestMachines", "TestSupport", "tinybox-benchmark",
  ])
tests(
  "OperationsTests",
  on: [
    "Apply", "Base", "Benchmarks", "Configuration", "Inventory", "KernelTree", "Linux",
    "Operations",
    "Placement", "RuntimeCatalog", "Runtimes", "Setup", "Systemd", "TestMachines", "TestSupport",
    "tinyboxctl",
  ])
tests(
  "APITests",
  on: [
    "Base", "API", "Daemon", "Documents", "Events", "Health", "Inventory", "KernelTree",
    "PeerToPeer", "Placement", "Recordings", "TestSupport", "tinyboxctl",
  ])
tests(
  "MetricsTests",
  on: [
    "Base", "Benchmarks", "Documents", "Metrics", "Health", "Inventory", "KernelTree", "Placement",
    "Recordings", "Render", "TestMachines", "TestSupport", "tinyboxctl",
  ])
tests(
  "RenderTests",
  on: [
    "Base", "Render", "Benchmarks", "Health", "Inventory", "KernelTree", "PeerToPeer", "Placement",
    "TestMachines", "TestSupport",
  ])
tests(
  "HTTPServiceTests",
  on: ["Base", "Linux", "HTTPService", "TestSupport", nio("NIOCore"), nio("NIOPosix")])
tests(
  "GatewayTests",
  on: [
    "Base", "Linux", "Systemd", "Configuration", "RuntimeCatalog", "HTTPService", "Tokens",
    "Gateway", "TestSupport",
  ]
)
tests(
  "DaemonTests",
  on: [
    "Base", "Linux", "Systemd", "Daemon", "API", "Documents", "Apply", "Configuration", "Events",
    "HTTPService", "Health", "History", "Inventory", "KernelTree", "Metrics", "Placement",
    "RuntimeCatalog", "Runtimes", "Benchmarks",
    "TestSupport",
  ])
tests(
  "CommandTests",
  on: [
    "Base", "Commands", "Configuration", "Operations", "RuntimeCatalog", "Runtimes", "TestSupport",
    "tinyboxctl",
  ],
  exclude: ["Terminal"])
tests("ReferenceTests", on: ["Base", "Reference", "ReferenceExamples", "TestSupport"])
tests("GoldenTests", on: ["TestSupport", "tinyboxctl"])
// The real daemon and gateway on this machine, as they are installed; TINYBOX_SERVICE=1 wants them (make
// service-tests). Nothing that is built for tests needs TLS.
tests("ServiceTests", on: ["TestSupport"])
tests(
  "EndToEndTests",
  on: [
    "Base", "Statistics", "Health", "Inventory", "KernelTree", "Benchmarks", "Recordings",
    "TestSupport", "tinyboxctl",
  ],
  exclude: ["Guest"])

// MARK: Packages

/// Every package of the resolved graph, each with one version; `dependencies.lock` holds what is in
/// them. `make update-dependencies` alone changes both. The first is all that `tinyboxctl` needs.
let packages = [
  ("apple/swift-argument-parser", "1.8.2"),
  ("apple/swift-nio", "2.101.2"),
  ("apple/swift-nio-ssl", "2.37.6"),
  ("apple/swift-atomics", "1.3.0"),
  ("apple/swift-collections", "1.6.0"),
  ("apple/swift-system", "1.8.1"),
]

/// Other versions than those, where somebody has to: packages and images refuse it.
let allowsRanges = Context.environment["TINYBOX_DEPENDENCY_RANGES"] == "1"
if allowsRanges {
  print("warning: TINYBOX_DEPENDENCY_RANGES=1: not the versions that were tested")
}

/// Builds these targets alone, separated by commas, with nothing set up or fetched that it does not need: `make run` for a
/// first look, and the fuzzer, which has a sanitizer that nothing else wants.
let only = Context.environment["TINYBOX_ONLY"]
if only == "fuzz" {
  declare(
    .executableTarget(
      name: "fuzz",
      dependencies: [
        "KernelTree", "Recordings", "Inventory", "Configuration", "RuntimeCatalog", "Runtimes",
        "Storage",
      ], path: "Fuzz",
      swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])]))
}
// The comparison of detectors, for Benchmarks/statistics.
if only == "detectors" {
  declare(
    .executableTarget(
      name: "detectors", dependencies: ["Statistics", "SimulatedSeries", "TestSupport"],
      path: "Benchmarks/Detectors",
      swiftSettings: strict))
}

/// What a target is built from: names of targets of ours, and of packages.
@MainActor func closure(_ name: String, _ found: inout Set<String>) {
  for dependency in targets.first(where: { $0.name == name })?.dependencies ?? [] {
    switch dependency {
    case .byNameItem(let name, _):
      if found.insert(name).inserted { closure(name, &found) }
    case .productItem(_, let package, _, _): found.insert(package ?? "")
    default: break
    }
  }
}

var wanted = Set(targets.map(\.name)).union(packages.map { String($0.0.dropFirst(6)) })
if let only {
  wanted = Set(only.split(separator: ",").map(String.init))
  for name in wanted { closure(name, &wanted) }
  // What those packages are built from is not told here.
  if wanted.contains("swift-nio") { wanted.formUnion(packages.map { String($0.0.dropFirst(6)) }) }
}

let package = Package(
  name: "tinybox",
  products: ["tinyboxctl", "tinyboxd", "tinybox-gateway", "tinybox-benchmark"].filter(
    wanted.contains
  ).map {
    .executable(name: $0, targets: [$0])
  },
  dependencies: packages.filter { wanted.contains(String($0.0.dropFirst(6))) }.map {
    name, version in
    let parts = version.split(separator: ".").compactMap { Int($0) }
    let version = Version(parts[0], parts[1], parts[2])
    let url = "https://github.com/\(name)"
    return allowsRanges ? .package(url: url, from: version) : .package(url: url, exact: version)
  },
  targets: targets.filter { wanted.contains($0.name) }
)
