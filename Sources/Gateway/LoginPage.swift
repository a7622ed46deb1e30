internal import HTTPService

/// The page on which a browser shows a token. Nothing in it comes from a request.
enum LoginPage {
  /// Within the page, because a browser without a token gets no other file.
  private static let style =
    "body{max-width:34rem;margin:12vh auto;padding:0 1rem;font:16px/1.5 system-ui,sans-serif}"
    + "input,button{font:inherit;box-sizing:border-box;padding:.5rem .75rem}input{width:100%}"
  /// SHA-256 of it, which allows it and no other (CSP Level 3, section 2.3.1). The browser test
  /// fails when they differ.
  private static let styleHash = "sha256-2flQ43+W2sHea+VGlQvxWThmqffWeCgYOIUx4wGmaZE="

  static func answer(cause: String?) -> HTTPResponse {
    let note = cause.map { "<p role=\"alert\"><strong>Login failed: \($0).</strong></p>" } ?? ""
    let page = """
      <!doctype html>
      <html lang="en">
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width">
      <meta name="color-scheme" content="light dark">
      <title>tinybox</title>
      <style>\(style)</style>
      <main>
      <h1>tinybox</h1>
      \(note)
      <form method="post" action="/login">
      <p><label>Token<br><input name="token" type="password" size="56" required autofocus \
      autocomplete="current-password"></label></p>
      <p><button>Sign in</button></p>
      </form>
      <p>On the machine, <code>sudo tinyboxctl token create NAME</code> makes one.</p>
      </main>
      </html>

      """
    return HTTPResponse(
      status: 401,
      headers: [
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": "no-store",
        "Content-Security-Policy":
          "default-src 'none'; style-src '\(styleHash)'; base-uri 'none'; form-action 'self'; "
          + "frame-ancestors 'none'",
        // With no-referrer browsers send the form with 'Origin: null', which is refused.
        "Referrer-Policy": "same-origin",
      ], body: .bytes(Array(page.utf8)))
  }
}
