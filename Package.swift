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

let package = Package(
  name: "tinybox",
  products: [
    .executable(name: "tinyboxctl", targets: ["tinyboxctl"]),
    .executable(name: "tinyboxd", targets: ["tinyboxd"]),
    .executable(name: "tinybox-gateway", targets: ["tinybox-gateway"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.98.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
  ],
  targets: [
    // C, one module per library. Headers only, or a loader that opens the library at run time.
    .systemLibrary(name: "CLinux"),
    .systemLibrary(
      name: "CNUMA", pkgConfig: "numa", providers: [.apt(["libnuma-dev"])]),
    .target(name: "CArchive", linkerSettings: [.linkedLibrary("dl")]),
    .target(name: "CVendor", linkerSettings: [.linkedLibrary("dl")]),

    // Reading the kernel: rooted trees, recordings, and the parsers of its text formats.
    .target(name: "KernelTree", dependencies: ["CLinux", "CArchive"], swiftSettings: wrapper),
    // C libraries behind Swift: NUMA library, HSA runtime, NVML, device ioctls.
    .target(
      name: "Vendor", dependencies: ["CLinux", "CNUMA", "CVendor"], swiftSettings: wrapper),
    // The model of the box and the collectors that fill it.
    .target(name: "Inventory", dependencies: ["KernelTree", "Vendor"], swiftSettings: strict),
    // What is wrong and why: checks, what a box should have, known faults. Pure.
    .target(
      name: "Health", dependencies: ["Inventory", "KernelTree", "PeerToPeer"],
      resources: [.embedInCode("Advisories/advisories.json"), .embedInCode("Profile/Shipped")],
      swiftSettings: strict),
    // Which devices reach each other directly, and what stands in the way. Pure.
    .target(name: "PeerToPeer", dependencies: ["Inventory", "KernelTree"], swiftSettings: strict),
    // The files in /etc/tinybox: their format, and the settings of the services. Pure.
    .target(name: "Configuration", dependencies: ["KernelTree"], swiftSettings: strict),
    // What belongs where: the owner's policy and the plan that follows from it. Pure.
    .target(
      name: "Placement", dependencies: ["Configuration", "Inventory", "KernelTree"],
      swiftSettings: strict),
    // The only module that changes the machine: applies a plan, keeps the originals, puts them back.
    .target(
      name: "Apply", dependencies: ["Inventory", "KernelTree", "Placement", "Vendor"],
      swiftSettings: strict),
    // Terminal tables, trees, the status screen, SVG. Pure: inventory and findings in, text out.
    .target(
      name: "Render",
      dependencies: [
        "API", "Apply", "Events", "Health", "Inventory", "KernelTree", "PeerToPeer", "Placement",
      ],
      swiftSettings: strict),
    // Numbers for Prometheus. Pure: facts and findings in, text out.
    .target(
      name: "Metrics", dependencies: ["Inventory", "KernelTree", "Health", "Apply"],
      swiftSettings: strict),
    // What happened: kinds of events, how the journal and the catalog tell them. Pure.
    .target(name: "Events", dependencies: ["Inventory"], swiftSettings: strict),
    // Remembers events across restarts and power cuts, with SQLite.
    .systemLibrary(
      name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .target(name: "History", dependencies: ["CSQLite", "Events"], swiftSettings: wrapper),
    // The daemon's HTTP interface: routes, who may use them, documents, OpenAPI. Pure.
    .target(
      name: "API",
      dependencies: [
        "Events", "Health", "Inventory", "KernelTree", "PeerToPeer", "Placement", "Apply",
      ],
      swiftSettings: strict),
    // Bearer tokens for the network: made, stored as hashes, checked, revoked.
    .target(
      name: "Tokens",
      dependencies: ["Vendor", .product(name: "Crypto", package: "swift-crypto")],
      swiftSettings: strict),
    // HTTP/1.1 over sockets with every limit a service on a network needs.
    .target(
      name: "HTTPService",
      dependencies: [
        "Vendor",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ],
      swiftSettings: strict),
    // What the programs do, without argument parsing.
    .target(
      name: "Commands",
      dependencies: [
        "KernelTree", "Vendor", "Inventory", "Health", "PeerToPeer", "Configuration", "Placement",
        "Apply", "Render", "Metrics", "Events", "API", "Tokens",
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "tinyboxctl",
      dependencies: [
        "Commands",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),

    // tinyboxd: watches, keeps facts current, checks, reconciles placement, remembers, answers.
    .target(
      name: "Daemon",
      dependencies: [
        "API", "Apply", "Commands", "Configuration", "Events", "Health", "History", "HTTPService",
        "Inventory", "KernelTree", "Metrics", "PeerToPeer", "Placement", "Render", "Vendor",
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "tinyboxd",
      dependencies: [
        "Daemon", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),
    // tinybox-gateway: the only program on the network. Dashboard, metrics, tokens, TLS.
    .target(
      name: "Gateway",
      dependencies: ["API", "Configuration", "HTTPService", "KernelTree", "Tokens", "Vendor"],
      resources: [.embedInCode("Dashboard")],
      swiftSettings: strict),
    .executableTarget(
      name: "tinybox-gateway",
      dependencies: [
        "Gateway", "HTTPService",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),

    .testTarget(
      name: "KernelTreeTests", dependencies: ["KernelTree"], swiftSettings: strict),
    // libpci's opinion, for a test that compares it with ours. The product does not use libpci.
    .target(
      name: "CPCIOracle", path: "Tests/CPCIOracle", linkerSettings: [.linkedLibrary("pci")]),
    .testTarget(
      name: "InventoryTests",
      dependencies: ["Inventory", "KernelTree", "Vendor", "TestSupport", "CPCIOracle"],
      swiftSettings: strict),
    .testTarget(
      name: "HealthTests",
      dependencies: ["Health", "Inventory", "KernelTree", "TestSupport", "PeerBench"],
      swiftSettings: strict),
    // Made-up boxes for tests of peer-to-peer verdicts.
    .target(
      name: "PeerBench", dependencies: ["Inventory", "KernelTree"], path: "Tests/PeerBench",
      swiftSettings: strict),
    .testTarget(
      name: "PeerToPeerTests",
      dependencies: ["PeerToPeer", "Inventory", "KernelTree", "PeerBench"], swiftSettings: strict),
    .testTarget(
      name: "ConfigurationTests", dependencies: ["Configuration", "KernelTree"],
      swiftSettings: strict),
    .testTarget(
      name: "EventsTests", dependencies: ["Events", "History", "Inventory", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "APITests",
      dependencies: [
        "API", "Apply", "Events", "Health", "Inventory", "KernelTree", "PeerToPeer", "Placement",
        "TestSupport", "tinyboxctl",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "HTTPServiceTests",
      dependencies: [
        "HTTPService", "Vendor", "TestSupport",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "GatewayTests",
      dependencies: [
        "Configuration", "Gateway", "HTTPService", "Tokens", "Vendor", "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "VendorTests", dependencies: ["Vendor", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "DaemonTests",
      dependencies: [
        "Daemon", "API", "Apply", "Configuration", "Events", "HTTPService", "Health", "History",
        "Inventory", "KernelTree", "Placement", "Vendor", "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "PlacementTests",
      dependencies: [
        "Configuration", "Placement", "Apply", "Inventory", "KernelTree", "Vendor", "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "RenderTests",
      dependencies: [
        "Render", "Health", "Inventory", "KernelTree", "PeerToPeer", "PeerBench", "Placement",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "MetricsTests",
      dependencies: [
        "Metrics", "Health", "Inventory", "KernelTree", "Apply", "Placement", "TestSupport",
        "tinyboxctl",
      ],
      swiftSettings: strict),
    // Finding the project's files and running its programs, for tests that do.
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
    .testTarget(
      name: "CommandTests", dependencies: ["Commands", "TestSupport", "tinyboxctl"],
      exclude: ["Terminal"],
      swiftSettings: strict),
    .testTarget(
      name: "GoldenTests", dependencies: ["TestSupport", "tinyboxctl"],
      swiftSettings: strict),
    // The real daemon and gateway on this machine; TINYBOX_SERVICE=1 wants them (make service-tests).
    .testTarget(
      name: "ServiceTests",
      dependencies: ["TestSupport", "tinyboxctl", "tinyboxd", "tinybox-gateway"],
      swiftSettings: strict),
    .testTarget(
      name: "EndToEndTests",
      dependencies: ["Health", "Inventory", "KernelTree", "TestSupport", "tinyboxctl"],
      exclude: ["Guest"], swiftSettings: strict),
  ]
)

// The fuzz target is built by Fuzz/run alone, with a sanitizer that nothing else wants: only what it
// needs is left, so that no package has to be fetched and built for it.
if Context.environment["TINYBOX_FUZZ"] != nil {
  let parsers: Set = [
    "CLinux", "CNUMA", "CArchive", "CVendor", "KernelTree", "Vendor", "Inventory",
  ]
  package.dependencies = []
  package.products = []
  package.targets.removeAll { !parsers.contains($0.name) }
  package.targets.append(
    .executableTarget(
      name: "fuzz", dependencies: ["KernelTree", "Inventory"], path: "Fuzz",
      swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])]))
}
