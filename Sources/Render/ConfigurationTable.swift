package import Documents

/// `tinyboxctl config show`: the value in force of each key, and where it was set.
package enum ConfigurationTable {
  /// The lines.
  package static func render(_ document: ConfigurationDocument, _ style: Style) -> [String] {
    var table = Table([
      .init("KEY", minimum: 30), .init("VALUE", minimum: 12), .init("SET IN", minimum: 10),
    ])
    for setting in document.settings {
      let place = setting.file.map { file in file + (setting.line.map { ":\($0)" } ?? "") }
      table.add([
        Line(setting.key), Line(setting.value ?? "-", setting.value == nil ? .dim : .plain),
        Line(place ?? (setting.value == nil ? "not set" : "default"), place == nil ? .dim : .plain),
      ])
    }
    return table.lines(style).texts(style)
  }
}
