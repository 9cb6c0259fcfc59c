namespace Distribyted.Configuration;

/// <summary>Keys whose value is a text, a secret, or a list of texts.</summary>
internal static class TextKeys
{
    extension(Key)
    {
        /// <summary>A text; <paramref name="check"/> says what is wrong with it, or null.</summary>
        public static Key Text(string path, Func<string, string?> check, Func<Settings, string> get, Action<Settings, string> set)
        {
            return new Key(
                path,
                settings => $"\"{get(settings)}\"",
                (settings, node) =>
                {
                    if (node.Kind != NodeKind.Text)
                    {
                        return $"{node.Quote()} is not a text.";
                    }

                    if (check(node.Text) is { } wrong)
                    {
                        return $"{node.Quote()} {wrong}";
                    }

                    set(settings, node.Text);
                    return null;
                }
            );
        }

        /// <summary>A path of a file or folder, relative to the working directory.</summary>
        public static Key Folder(string path, bool mayBeEmpty, Func<Settings, string> get, Action<Settings, string> set)
        {
            return Text(
                path,
                text =>
                    text.Length == 0 && !mayBeEmpty ? "is empty. Name a folder."
                    : text.Contains('\0', StringComparison.Ordinal) ? "is not a path."
                    : null,
                get,
                set
            );
        }

        public static Key Secret(string path, Func<Settings, string> get, Action<Settings, string> set)
        {
            return new Key(
                path,
                settings => get(settings).Length > 0 ? "set" : "not set",
                (settings, node) =>
                {
                    if (node.Kind != NodeKind.Text || node.Text.Length > PasswordRule.MaxLength) // an empty one counts as not given, as it always has
                    {
                        return $"it must have at most {PasswordRule.MaxLength} characters.";
                    }

                    set(settings, node.Text);
                    return null;
                }
            )
            {
                IsSecret = true,
            };
        }

        /// <summary>A list of secrets; a text is one, commas or not.</summary>
        public static Key Secrets(string path, Func<Settings, IReadOnlyList<string>> get, Action<Settings, IReadOnlyList<string>> set)
        {
            return new Key(
                path,
                settings => get(settings).Count > 0 ? $"{get(settings).Count} set" : "[]",
                (settings, node) =>
                {
                    var items = node.Kind == NodeKind.List ? node.Items : [node];
                    if (items.Any(static item => item.Kind != NodeKind.Text || item.Text.Length > PasswordRule.MaxLength))
                    {
                        return $"it must be a list of texts of at most {PasswordRule.MaxLength} characters.";
                    }

                    set(settings, [.. items.Select(static item => item.Text).Where(static text => text.Length > 0)]);
                    return null;
                }
            )
            {
                IsSecret = true,
            };
        }

        /// <summary>A list of texts, or one text with commas between them; <paramref name="check"/> says what is wrong with one.</summary>
        public static Key Texts(
            string path,
            Func<string, string?> check,
            Func<Settings, IReadOnlyList<string>> get,
            Action<Settings, IReadOnlyList<string>> set
        )
        {
            return new Key(
                path,
                settings => "[" + string.Join(", ", get(settings)) + "]",
                (settings, node) =>
                {
                    var texts = new List<string>();
                    foreach (var item in node.AsList())
                    {
                        if (item.Kind != NodeKind.Text)
                        {
                            return $"{item.Quote()} stands where a text is expected.";
                        }

                        if (check(item.Text) is { } wrong)
                        {
                            return $"{item.Quote()} {wrong}";
                        }

                        texts.Add(item.Text);
                    }

                    set(settings, texts);
                    return null;
                }
            );
        }
    }
}
