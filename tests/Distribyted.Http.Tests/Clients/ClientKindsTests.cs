using Distribyted.Http.Clients;

namespace Distribyted.Http.Tests.Clients;

internal sealed class ClientKindsTests
{
    [TestCase("Infuse-Direct/7.6.2", ClientKind.Infuse)]
    [TestCase("VLC/3.0.18 LibVLC/3.0.18", ClientKind.Vlc)]
    [TestCase("Kodi/20.1 (X11; Linux x86_64) Debian GNU/Linux 12 App_Bitness/64 Version/20.1", ClientKind.Kodi)]
    [TestCase("Microsoft-WebDAV-MiniRedir/10.0.19045", ClientKind.WindowsExplorer)]
    [TestCase("DavClnt", ClientKind.WindowsExplorer)]
    [TestCase("WebDAVFS/3.0.0 (03008000) Darwin/23.4.0 (arm64)", ClientKind.Finder)]
    [TestCase("rclone/v1.60.1-DEV", ClientKind.Rclone)]
    [TestCase("davfs2/1.6.1 neon/0.32.2", ClientKind.Davfs2)]
    [TestCase("nPlayer/3.12 CFNetwork/1490 Darwin/23.4.0", ClientKind.NPlayer)]
    [TestCase("libmpv", ClientKind.Mpv)]
    [TestCase("Lavf/59.27.100", ClientKind.Mpv)]
    [TestCase("Owlfiles/12 CFNetwork/1490 Darwin/23.4.0", ClientKind.Ios)]
    [TestCase("AppleCoreMedia/1.0.0.21E219 (iPhone; U; CPU OS 17_4 like Mac OS X; en_us)", ClientKind.Ios)]
    [TestCase("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36", ClientKind.Browser)]
    [TestCase("curl/7.88.1", ClientKind.Other)]
    [TestCase("", ClientKind.Other)]
    public void A_program_is_known_by_its_user_agent(string userAgent, ClientKind kind)
    {
        Assert.That(ClientKinds.Of(userAgent), Is.EqualTo(kind));
    }
}
