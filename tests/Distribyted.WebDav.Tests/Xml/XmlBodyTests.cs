using System.Text;
using CsCheck;
using Distribyted.WebDav.Errors;
using Distribyted.WebDav.Xml;

namespace Distribyted.WebDav.Tests.Xml;

internal sealed class XmlBodyTests
{
    private const string Dav = " xmlns:D=\"DAV:\"";

    private static readonly string[] Parts =
    [
        "<",
        ">",
        "/>",
        "</",
        "<?xml version=\"1.0\"?>",
        "<D:propfind" + Dav + ">",
        "</D:propfind>",
        "<D:prop>",
        "</D:prop>",
        "<D:allprop/>",
        "<D:include>",
        "<a xmlns=\"\"/>",
        "<b:c xmlns:b=\"urn:b\" x='1'>",
        "</b:c>",
        "<![CDATA[ x ]]>",
        "<!-- -->",
        "<!DOCTYPE x [<!ENTITY e 'eee'>]>",
        "&e;",
        "&amp;",
        "&#x41;",
        " xml:lang='de'",
        "text",
        "\u00e4",
        "\ud83c\udfac",
        "<D:propertyupdate" + Dav + ">",
        "</D:propertyupdate>",
        "<D:set>",
        "</D:set>",
        "<D:remove>",
        "<D:lockinfo" + Dav + ">",
        "</D:lockinfo>",
        "<D:lockscope><D:exclusive/></D:lockscope>",
        "<D:locktype><D:write/></D:locktype>",
        "<D:owner>",
        "</D:owner>",
    ];

    [Test]
    public void Any_bytes_are_read_or_refused()
    {
        Gen.Byte.Array[0, 200].Sample(ReadsOrRefuses, iter: 3_000);
    }

    [Test]
    public void Any_pieces_of_requests_are_read_or_refused()
    {
        Gen.Int[0, Parts.Length - 1]
            .Select(i => Parts[i])
            .Array[0, 24]
            .Select(parts => Encoding.UTF8.GetBytes(string.Concat(parts)))
            .Sample(ReadsOrRefuses, iter: 3_000);
    }

    [Test]
    public void A_request_with_one_byte_changed_is_read_or_refused()
    {
        var whole = Encoding.UTF8.GetBytes(
            $"<?xml version=\"1.0\" encoding=\"utf-8\"?><D:propfind{Dav}><D:prop><D:getetag/><x:y xmlns:x=\"urn:x\"/></D:prop></D:propfind>"
        );
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte)
            .Sample((at, value) => ReadsOrRefuses([.. whole[..at], value, .. whole[(at + 1)..]]), iter: 3_000);
    }

    [TestCase("", PropFindKind.AllProp, 0)]
    [TestCase(" \r\n ", PropFindKind.AllProp, 0)]
    [TestCase("<?xml version=\"1.0\" encoding=\"utf-8\" ?>", PropFindKind.AllProp, 0)]
    [TestCase("\uFEFF<?xml version=\"1.0\"?>\n", PropFindKind.AllProp, 0)]
    [TestCase("<propfind xmlns='DAV:'><allprop/></propfind>", PropFindKind.AllProp, 0)]
    [TestCase("<propfind xmlns='DAV:'><allprop/><include><a/><b/></include></propfind>", PropFindKind.AllProp, 2)]
    [TestCase("<propfind xmlns='DAV:'><propname/></propfind>", PropFindKind.PropName, 0)]
    [TestCase("<propfind xmlns='DAV:'><prop/></propfind>", PropFindKind.Prop, 0)]
    [TestCase("<propfind xmlns='DAV:'><prop><a/><a/><b>deep<c/></b></prop></propfind>", PropFindKind.Prop, 2)]
    [TestCase(
        "<x:propfind xmlns:x='DAV:'><e xmlns='urn:e'><prop/></e><y:prop xmlns:y='DAV:'><y:a/></y:prop></x:propfind>",
        PropFindKind.Prop,
        1
    )]
    public void A_propfind_is_understood(string body, PropFindKind kind, int names)
    {
        var request = PropFindRequest.Parse(Encoding.UTF8.GetBytes(body));

        Assert.That((request.Kind, request.Properties.Count), Is.EqualTo((kind, names)));
    }

    [TestCase("not xml")]
    [TestCase("<propfind xmlns='DAV:'/>")]
    [TestCase("<propfind xmlns='DAV:'><prop><a/></propfind>")]
    [TestCase("<propfind xmlns='urn:not-dav'><prop/></propfind>")]
    [TestCase("<lockinfo xmlns='DAV:'/>")]
    [TestCase("<D:propfind><D:prop/></D:propfind>")]
    [TestCase("<propfind xmlns='DAV:'><prop/></propfind><x/>")]
    [TestCase("<propfind xmlns='DAV:'><prop/><allprop/></propfind>")]
    [TestCase("<!DOCTYPE propfind [<!ENTITY e 'x'>]><propfind xmlns='DAV:'><prop/></propfind>")]
    [TestCase("<!DOCTYPE propfind SYSTEM 'file:///etc/hostname'><propfind xmlns='DAV:'><prop/></propfind>")]
    public void What_is_no_propfind_is_refused(string body)
    {
        var refusal = Assert.Throws<WebDavException>(() => PropFindRequest.Parse(Encoding.UTF8.GetBytes(body)));

        Assert.That(refusal!.Status, Is.EqualTo(400));
    }

    [Test]
    public void Utf_16_is_understood()
    {
        byte[] body =
        [
            .. Encoding.Unicode.Preamble,
            .. Encoding.Unicode.GetBytes("<?xml version='1.0' encoding='utf-16'?><propfind xmlns='DAV:'><prop><ä/></prop></propfind>"),
        ];

        Assert.That(PropFindRequest.Parse(body).Properties.Single().Local, Is.EqualTo("ä"));
    }

    [TestCase(DavXmlReader.MaxDepth - 2, true)]
    [TestCase(DavXmlReader.MaxDepth + 1, false)]
    [TestCase(100_000, false)]
    public void Nesting_is_bounded(int depth, bool taken)
    {
        var body =
            $"<propfind xmlns='DAV:'><prop>{string.Concat(Enumerable.Repeat("<a>", depth - 1))}{string.Concat(Enumerable.Repeat("</a>", depth - 1))}</prop></propfind>";

        Assert.That(Takes(() => PropFindRequest.Parse(Encoding.UTF8.GetBytes(body))), Is.EqualTo(taken));
    }

    [TestCase(DavXmlReader.MaxProperties, true)]
    [TestCase(DavXmlReader.MaxProperties + 1, false)]
    public void Names_are_bounded(int count, bool taken)
    {
        var body = $"<propfind xmlns='DAV:'><prop>{string.Concat(Enumerable.Range(0, count).Select(i => $"<p{i}/>"))}</prop></propfind>";

        Assert.That(Takes(() => PropFindRequest.Parse(Encoding.UTF8.GetBytes(body))), Is.EqualTo(taken));
    }

    [TestCase("propfind", "prop", 32, true)]
    [TestCase("propfind", "prop", 33, false)]
    [TestCase("propertyupdate", "set><prop", 32, true)]
    [TestCase("propertyupdate", "set><prop", 33, false)]
    [TestCase("propertyupdate", "remove><prop", 33, false)]
    public void A_namespace_counts_with_each_name_that_has_it(string root, string path, int count, bool taken)
    {
        var names = string.Concat(Enumerable.Range(0, count).Select(i => $"<x:p{i:00}/>"));
        var ends = string.Concat(path.Split("><").Reverse().Select(part => $"</{part}>"));
        var body = Encoding.UTF8.GetBytes(
            $"<{root} xmlns='DAV:' xmlns:x='{new string('n', DavXmlReader.MaxNames / 32 - 3)}'><{path}>{names}{ends}</{root}>"
        );

        Assert.That(Takes(root == "propfind" ? () => PropFindRequest.Parse(body) : () => PropertyUpdate.Parse(body)), Is.EqualTo(taken));
    }

    [TestCase("<propertyupdate xmlns='DAV:' xmlns:x='{0}'><set><prop><a>{1}</a></prop></set></propertyupdate>")]
    [TestCase("<lockinfo xmlns='DAV:' xmlns:x='{0}'><owner>{1}</owner></lockinfo>")]
    public void A_value_that_says_a_long_namespace_often_is_given_up_early(string form)
    {
        var body = Encoding.UTF8.GetBytes(
            string.Format(null, form, new string('n', 100_000), string.Concat(Enumerable.Repeat("<x:b/>", 1_000)))
        );

        var before = GC.GetAllocatedBytesForCurrentThread();
        var taken = Takes(() => form.StartsWith("<lock", StringComparison.Ordinal) ? LockInfo.Parse(body) : PropertyUpdate.Parse(body));

        Assert.That(taken, Is.False);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(8 << 20));
    }

    [Test]
    public void A_value_is_kept_as_xml_that_stands_alone()
    {
        const string Body =
            "<D:propertyupdate xmlns:D='DAV:' xmlns:T='urn:t'><D:set xml:lang='de'><D:prop><T:a x='1'>v &amp; <T:b/><c xmlns=''>\ud83c\udfac</c></T:a></D:prop></D:set>"
            + "<D:remove><D:prop><T:gone/></D:prop></D:remove></D:propertyupdate>";

        var changes = PropertyUpdate.Parse(Encoding.UTF8.GetBytes(Body)).Changes;

        Assert.That(
            changes.Select(change => (change.Namespace, change.Name, change.Xml is null)),
            Is.EqualTo(new[] { ("urn:t", "a", false), ("urn:t", "gone", true) })
        );
        var kept = System.Xml.Linq.XElement.Parse(changes[0].Xml!);
        Assert.That(kept.Name, Is.EqualTo(System.Xml.Linq.XName.Get("a", "urn:t")));
        Assert.That(kept.Value, Is.EqualTo("v & \ud83c\udfac"));
        Assert.That(kept.Attribute(System.Xml.Linq.XNamespace.Xml + "lang")?.Value, Is.EqualTo("de"));
    }

    [Test]
    public void An_owner_is_kept()
    {
        var info = LockInfo.Parse(
            "<lockinfo xmlns='DAV:'><locktype><write/></locktype><lockscope><shared/></lockscope><owner>me &amp; <href>x</href></owner></lockinfo>"u8.ToArray()
        );

        Assert.That((info.Exclusive, System.Xml.Linq.XElement.Parse(info.Owner!).Value), Is.EqualTo((false, "me & x")));
    }

    private static bool ReadsOrRefuses(byte[] body)
    {
        Takes(() => PropFindRequest.Parse(body));
        Takes(() => PropertyUpdate.Parse(body));
        Takes(() => LockInfo.Parse(body));
        return true; // anything but a value and a refusal has been thrown out of here
    }

    private static bool Takes(Func<object> parse)
    {
        try
        {
            return parse() is not null;
        }
        catch (WebDavException e) when (e.Status is 400 or 413)
        {
            return false;
        }
    }
}
