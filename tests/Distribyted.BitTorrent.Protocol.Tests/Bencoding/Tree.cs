using System.Text;
using CsCheck;
using Distribyted.BitTorrent.Protocol.Bencoding;

namespace Distribyted.BitTorrent.Protocol.Tests.Bencoding;

/// <summary>Any bencoded value, read and written the plain recursive way: what the reader is held against.</summary>
internal sealed class Tree
{
    public static readonly Gen<Tree> Gen = CsCheck.Gen.Recursive<Tree>(
        static (depth, self) =>
        {
            var leaf = CsCheck.Gen.OneOf(
                CsCheck.Gen.Long.Select(static n => new Tree { Number = n }),
                CsCheck.Gen.Byte.Array[0, 20].Select(static b => new Tree { Bytes = b })
            );
            return depth > 5
                ? leaf
                : CsCheck.Gen.OneOf(
                    leaf,
                    self.List[0, 5].Select(static l => new Tree { Items = l }),
                    CsCheck.Gen.Select(CsCheck.Gen.Byte.Array[0, 4], self).List[0, 5].Select(Sorted)
                );
        }
    );

    public long? Number { get; init; }

    public byte[]? Bytes { get; init; }

    public List<Tree>? Items { get; init; }

    public List<(byte[] Key, Tree Value)>? Pairs { get; init; }

    public static Tree Read(ref BencodeReader reader)
    {
        switch (reader.Peek())
        {
            case BencodeKind.Integer:
                reader.TryReadInteger(out var number);
                return new Tree { Number = number };
            case BencodeKind.String:
                return new Tree { Bytes = reader.ReadString().ToArray() };
            case BencodeKind.List:
                var items = new List<Tree>();
                reader.ReadListStart();
                while (!reader.TryReadEnd())
                {
                    items.Add(Read(ref reader));
                }

                return new Tree { Items = items };
            default:
                var pairs = new List<(byte[] Key, Tree Value)>();
                reader.ReadDictionaryStart();
                while (reader.TryReadKey(out var key))
                {
                    var name = key.ToArray();
                    pairs.Add((name, Read(ref reader)));
                }

                return new Tree { Pairs = pairs };
        }
    }

    public void Write(BencodeWriter writer)
    {
        if (Number is { } number)
        {
            writer.Integer(number);
        }
        else if (Bytes is not null)
        {
            writer.String(Bytes);
        }
        else if (Items is not null)
        {
            writer.List();
            Items.ForEach(item => item.Write(writer));
            writer.End();
        }
        else
        {
            writer.Dictionary();
            Pairs!.ForEach(pair =>
            {
                writer.Key(pair.Key);
                pair.Value.Write(writer);
            });
            writer.End();
        }
    }

    private static Tree Sorted(List<(byte[] Key, Tree Value)> pairs)
    {
        return new Tree
        {
            Pairs =
            [
                .. pairs
                    .DistinctBy(static p => Encoding.Latin1.GetString(p.Key))
                    .OrderBy(static p => Encoding.Latin1.GetString(p.Key), StringComparer.Ordinal),
            ],
        };
    }
}
