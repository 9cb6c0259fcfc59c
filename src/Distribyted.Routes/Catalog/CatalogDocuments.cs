using System.Security.Cryptography;
using System.Text;
using Distribyted.BitTorrent.Protocol;
using Distribyted.FileSystem;
using LiteDB;

namespace Distribyted.Routes.Catalog;

/// <summary>How the catalog's records are written as LiteDB documents. Fields are named by hand, so that renaming a property loses nothing.</summary>
/// <remarks>Keys of LiteDB end at 1,023 bytes and are compared without regard to case; a route's name may be longer and must not. So keys are
/// hex digits: the first 16 bytes of SHA-256 over the route's name, and the info hash.</remarks>
internal static class CatalogDocuments
{
    private const int Version = 1;
    private const string Routes = "routes";
    private const string Torrents = "torrents";

    internal static void CheckVersion(LiteDatabase database)
    {
        var meta = database.GetCollection("meta");
        var found = meta.FindById("catalog");
        if (found is null)
        {
            meta.Insert(new BsonDocument { ["_id"] = "catalog", ["version"] = Version });
        }
        else if (found["version"].AsInt32 > Version)
        {
            throw new FormatException($"It was written by a newer version (format {found["version"].AsInt32}, this one reads {Version}).");
        }
    }

    internal static CatalogContent ReadAll(LiteDatabase database)
    {
        var routes = database.GetCollection(Routes).FindAll().Select(ReadRoute).ToList();
        var torrents = database.GetCollection(Torrents).FindAll().Select(ReadTorrent).ToList();
        return new CatalogContent(routes, torrents);
    }

    internal static int CountTorrents(LiteDatabase database)
    {
        return database.GetCollection(Torrents).Count();
    }

    internal static void Apply(LiteDatabase database, CatalogChange change)
    {
        switch (change)
        {
            case CatalogChange.PutRoute put:
                database.GetCollection(Routes).Upsert(Write(put.Route));
                break;
            case CatalogChange.RemoveRoute remove:
                database.GetCollection(Routes).Delete(KeyOf(remove.Name));
                break;
            case CatalogChange.PutTorrent put:
                database.GetCollection(Torrents).Upsert(Write(put.Torrent));
                break;
            case CatalogChange.RemoveTorrent remove:
                database.GetCollection(Torrents).Delete(KeyOf(remove.Route, remove.InfoHash));
                break;
            default:
                throw new ArgumentException($"{change.GetType().Name} is not a known change.", nameof(change));
        }
    }

    private static BsonDocument Write(CatalogRoute route)
    {
        var document = new BsonDocument
        {
            ["_id"] = KeyOf(route.Name),
            ["name"] = route.Name,
            ["added"] = route.Added.ToUnixTimeMilliseconds(),
            ["origin"] = route.Origin,
            ["properties"] = Write(route.Properties),
        };
        if (route.Folder is { } folder)
        {
            document["folder"] = new BsonDocument { ["path"] = folder.Path, ["extent"] = folder.Extent };
        }

        return document;
    }

    private static CatalogRoute ReadRoute(BsonDocument document)
    {
        var folder = document["folder"];
        return new CatalogRoute(
            document["name"].AsString,
            DateTimeOffset.FromUnixTimeMilliseconds(document["added"].AsInt64),
            document["origin"].AsString,
            ReadProperties(document["properties"]),
            folder.IsNull ? null : new CatalogFolder(folder["path"].AsString, folder["extent"].AsString)
        );
    }

    private static BsonDocument Write(CatalogTorrent torrent)
    {
        var document = new BsonDocument
        {
            ["_id"] = KeyOf(torrent.Route, torrent.InfoHash),
            ["route"] = torrent.Route,
            ["hash"] = torrent.InfoHash.ToString(),
            ["name"] = torrent.Name,
            ["folder"] = torrent.IsFolder,
            ["length"] = torrent.Length,
            ["added"] = torrent.Added.ToUnixTimeMilliseconds(),
            ["modified"] = torrent.Modified.ToUnixTimeMilliseconds(),
            ["origin"] = torrent.Origin,
            ["magnet"] = torrent.Magnet,
            ["properties"] = Write(torrent.Properties),
        };
        if (torrent.Trackers is { } trackers)
        {
            document["trackers"] = trackers;
        }

        if (torrent.Upload is { } upload)
        {
            document["upload"] = new BsonDocument { ["name"] = upload.Name, ["content"] = upload.Content };
        }

        return document;
    }

    private static CatalogTorrent ReadTorrent(BsonDocument document)
    {
        if (!InfoHash.TryParse(document["hash"].AsString, out var hash))
        {
            throw new FormatException($"\"{document["hash"]}\" is not an info hash.");
        }

        var upload = document["upload"];
        return new CatalogTorrent(
            document["route"].AsString,
            hash,
            document["name"].IsNull ? null : document["name"].AsString,
            document["folder"].AsBoolean,
            document["length"].AsInt64,
            DateTimeOffset.FromUnixTimeMilliseconds(document["added"].AsInt64),
            DateTimeOffset.FromUnixTimeMilliseconds(document["modified"].AsInt64),
            document["origin"].AsString,
            document["magnet"].IsNull ? null : document["magnet"].AsString,
            upload.IsNull ? null : new CatalogUpload(upload["name"].AsString, upload["content"].AsBinary),
            ReadProperties(document["properties"]),
            document["trackers"].IsNull ? null : document["trackers"].AsString
        );
    }

    private static BsonArray Write(IReadOnlyList<DeadProperty> properties)
    {
        var written = properties.Select(p => new BsonDocument
        {
            ["namespace"] = p.Namespace,
            ["name"] = p.Name,
            ["xml"] = p.Xml,
        });
        return new BsonArray(written);
    }

    private static DeadProperty[] ReadProperties(BsonValue value)
    {
        return value.IsNull
            ? []
            : [.. value.AsArray.Select(p => new DeadProperty(p["namespace"].AsString, p["name"].AsString, p["xml"].AsString))];
    }

    private static string KeyOf(string route)
    {
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(route)).AsSpan(0, 16));
    }

    private static string KeyOf(string route, InfoHash hash)
    {
        return KeyOf(route) + hash;
    }
}
